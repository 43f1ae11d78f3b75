import { shown } from "../../checks/shown.ts";

/**
 * What a `WorkerPool` runs: a function, or the default export of a module, alone or with options.
 *
 * @category Event loop
 */
export type WorkerTask<Args extends unknown[] = unknown[], Result = unknown> =
  | ((...args: Args) => Result)
  | URL
  | WorkerTaskOptions<Args, Result>;

/**
 * A task and how it is to be run.
 *
 * @category Event loop
 */
export interface WorkerTaskOptions<Args extends unknown[] = unknown[], Result = unknown> {
  /**
   * A function, or the URL of a module.
   *
   * A function is sent as source text: it sees its arguments and the globals of the worker, but no
   * variable and no import of the module it was written in (`await import(…)` works inside it).
   */
  readonly run: ((...args: Args) => Result) | URL;
  /** Which export of the module to call. Default: `"default"`. */
  readonly exportName?: string | undefined;
  /** Objects among the arguments that are moved to the worker instead of copied. */
  readonly transfer?: readonly Transferable[] | undefined;
  /**
   * Move the buffer of a result that is an `ArrayBuffer` or a view of one instead of copying it. Not
   * for a function that keeps its buffer. Default: `false`.
   */
  readonly transferResult?: boolean | undefined;
  /** Milliseconds until the task is cancelled with a `TimeoutError`, waiting included. */
  readonly timeout?: number | undefined;
  /** Cancels the task: one that runs loses its worker. */
  readonly signal?: AbortSignal | undefined;
}

/** A task as it travels to a worker. */
export interface TaskMessage {
  /** Tells the answer to this task from what the task itself may post. */
  readonly id: number;
  /** The source text of a function, or else the address of a module. */
  readonly source: string | null;
  /** The address of a module, or else the source text of a function. */
  readonly module: string | null;
  /** Which export of the module, or the name of the function for its stack trace. */
  readonly name: string;
  /** What to call it with. */
  readonly args: readonly unknown[];
  /** Whether to move the result's buffer. */
  readonly transferResult: boolean;
}

/** An error on its way back from a worker. */
export interface ErrorMessage {
  /** The class or name of the error. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** Its stack trace in the worker. */
  readonly stack: string;
  /** What caused it, if it says so. */
  readonly cause: FailureMessage | null;
  /** Its own properties of simple types, such as `code`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a task threw: an error, or another value in a form that can travel. */
export type FailureMessage =
  | { readonly error: ErrorMessage }
  | { readonly thrown: unknown };

/** The answer of a worker to a task. */
export type TaskAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: FailureMessage };

/**
 * Prepares a task for its journey.
 *
 * @throws {TypeError} If it is neither a function nor a URL, or a function without source text.
 */
export function toTaskMessage<Args extends unknown[]>(
  id: number,
  options: WorkerTaskOptions<Args, unknown>,
  args: Args,
): TaskMessage {
  const { run, exportName = "default", transferResult = false } = options;
  if (run instanceof URL) {
    return { id, source: null, module: run.href, name: exportName, args, transferResult };
  }
  return { id, source: sourceOf(run), module: null, name: run.name, args, transferResult };
}

/** Brings the three forms of a task to one. */
export function toTaskOptions<Args extends unknown[], Result>(
  task: WorkerTask<Args, Result>,
): WorkerTaskOptions<Args, Result> {
  const isAlone = typeof task !== "object" || task === null || task instanceof URL;
  return isAlone ? { run: task } : task;
}

function sourceOf(run: unknown): string {
  if (typeof run !== "function") {
    throw new TypeError(
      `Cannot run ${shown(run)} on a worker: it must be a function or the URL of a module`,
    );
  }
  const source = Function.prototype.toString.call(run);
  if (/\{\s*\[native code\]\s*\}$/.test(source) || /^class\b/.test(source)) {
    throw new TypeError(
      `Cannot run ${run.name || "the function"} on a worker: it has no source text to send. ` +
        "Wrap it in a function",
    );
  }
  return source;
}
