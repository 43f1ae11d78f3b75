/** The process that Bun runs in: its signals, and the errors that nobody caught. */
import { builtinModule } from "../node_builtins.ts";
import type { Platform, UnhandledError } from "../platform.ts";
import { bun } from "./bun_api.ts";

/** As much of `node:process` as is used. */
interface Process {
  exit(code: number): void;
  on(event: string, listener: (value: unknown) => void): void;
  off(event: string, listener: (value: unknown) => void): void;
  listeners(event: string): readonly object[];
}

const SIGNALS = [["SIGINT", 2], ["SIGTERM", 15]] as const;

function thisProcess(): Process {
  return builtinModule("node:process") as Process;
}

/** See `Platform.exit`. */
export function exit(code: number): void {
  thisProcess().exit(code);
}

/** See `Platform.onStopSignal`. */
export function onStopSignal(callback: (signal: number) => void): () => void {
  const process = thisProcess();
  const listeners = SIGNALS.map(([name, number]) => [name, () => callback(number)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}

const EVENTS = [["unhandledRejection", "rejection"], ["uncaughtException", "exception"]] as const;

/** The listeners of the library's own: any other sees to an error in their place. */
const own = new WeakSet<object>();

/** See `Platform.onUnhandledError`. */
export const onUnhandledError: Platform["onUnhandledError"] = (callback) => {
  const process = thisProcess();
  const listeners = EVENTS.map(([event, kind]) => {
    const listener = (error: unknown) => {
      if (seesTo(process.listeners(event), listener)) void report({ kind, error }, callback);
    };
    own.add(listener);
    process.on(event, listener);
    return [event, listener] as const;
  });
  return () => {
    for (const [event, listener] of listeners) process.off(event, listener);
  };
};

/** Whether a listener is the first, and all are the library's. */
function seesTo(listeners: readonly object[], listener: object): boolean {
  return listeners[0] === listener && listeners.every((each) => own.has(each));
}

async function report(
  unhandled: UnhandledError,
  callback: (unhandled: UnhandledError) => void,
): Promise<void> {
  if (await hasFailedWith(unhandled.error)) die(unhandled.error);
  else callback(unhandled);
}

/**
 * Whether the main module has ended with an error. Importing it once more runs nothing, and tells at
 * once; while it still runs, perhaps to the end of its server, nothing comes.
 */
function hasFailedWith(error: unknown): Promise<boolean> {
  const main: string = bun().main;
  const failed = import(main).then(() => false, (reason) => reason === error);
  const running = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 0));
  return Promise.race([failed, running]);
}

function die(error: unknown): void {
  console.error(error);
  exit(1);
}

/** Whether Bun serves the default export of the main module, as it does if that has a `fetch`. */
export async function servesMainModule(): Promise<boolean> {
  try {
    const main: string = bun().main;
    const exported: { readonly default?: { readonly fetch?: unknown } } = await import(main);
    return typeof exported.default?.fetch === "function";
  } catch {
    // There is no such module, as in a test.
    return false;
  }
}
