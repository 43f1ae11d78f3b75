import type { FailureMessage, TaskAnswer, TaskMessage } from "./worker_task.ts";

/** What the code in a worker needs of its global scope. */
export interface TaskScope {
  /** Receives a task. */
  onmessage: ((event: { readonly data: TaskMessage }) => void) | null;
  /** Sends an answer. */
  postMessage(answer: TaskAnswer, transfer: Transferable[]): void;
}

/**
 * What a worker runs: it waits for tasks and answers each.
 *
 * It is sent to the worker as source text, so it must refer to nothing outside of itself.
 */
export function serveTasks(scope: TaskScope): void {
  type Task = (...args: readonly unknown[]) => unknown;
  const functions = new Map<string, Task>();

  scope.onmessage = ({ data: message }) => {
    const { id } = message;
    run(message).then(
      (value) => scope.postMessage({ id, value }, message.transferResult ? buffersOf(value) : []),
    ).catch((error) => scope.postMessage({ id, failure: describe(error, 0) }, []));
  };

  async function run({ source, module, name, args }: TaskMessage): Promise<unknown> {
    const task = source === null ? await load(module ?? "", name) : compile(source, name);
    return await task(...args);
  }

  async function load(module: string, name: string): Promise<Task> {
    const exported: unknown = (await import(module))[name];
    if (isTask(exported)) return exported;
    throw new TypeError(`Cannot run ${module} on a worker: its export "${name}" is not a function`);
  }

  function compile(source: string, name: string): Task {
    const task = functions.get(source) ?? evaluate(source, name);
    functions.set(source, task);
    return task;
  }

  function evaluate(source: string, name: string): Task {
    const label = `\n//# sourceURL=worker-task:${encodeURIComponent(name || "anonymous")}`;
    for (const expression of [`(${source})`, `Object.values({${source}})[0]`]) {
      try {
        const task: unknown = new Function(`return ${expression}${label}`)();
        if (isTask(task)) return task;
      } catch (error) {
        // A method is no expression on its own, but is one in an object: the second form.
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    throw new SyntaxError(`Cannot run ${name} on a worker: its source text is not a function's`);
  }

  function isTask(value: unknown): value is Task {
    return typeof value === "function";
  }

  function buffersOf(value: unknown): Transferable[] {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    return buffer instanceof ArrayBuffer ? [buffer] : [];
  }

  function describe(error: unknown, depth: number): FailureMessage {
    if (!(error instanceof Error)) return { thrown: portable(error) };
    const { name, message, stack, cause } = error;
    const properties = Object.fromEntries(
      Object.entries(error).filter(([, value]) => /^(?:b|n|str)/.test(typeof value)),
    );
    const furtherCause = cause === undefined || depth > 8 ? null : describe(cause, depth + 1);
    return {
      error: {
        name,
        message,
        stack: stack ?? `${name}: ${message}`,
        cause: furtherCause,
        properties,
      },
    };
  }

  function portable(value: unknown): unknown {
    try {
      return structuredClone(value);
    } catch {
      return String(value);
    }
  }
}
