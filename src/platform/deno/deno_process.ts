/** The process that Deno runs in: its signals, its environment, and what it writes. */
import { stackWithoutLines } from "../unmapped_stacks.ts";
import type { Platform, PlatformConsole } from "../platform.ts";

const SIGNALS: Partial<Record<Deno.Signal, number>> = { SIGINT: 2, SIGTERM: 15 };
/** Windows has no other of them. */
const WINDOWS_SIGNALS: typeof SIGNALS = { SIGINT: 2 };

/** See `Platform.onStopSignal`. */
export function onStopSignal(callback: (signal: number) => void): () => void {
  const signals = Deno.build.os === "windows" ? WINDOWS_SIGNALS : SIGNALS;
  const listeners = Object.entries(signals).map(([name, number]) =>
    [name as Deno.Signal, () => callback(number)] as const
  );
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

/** See `Platform.onUnhandledError`. */
export const onUnhandledError: Platform["onUnhandledError"] = (callback) => {
  const onRejection = (event: PromiseRejectionEvent) => {
    if (event.defaultPrevented || hasNodeListener("unhandledRejection")) return;
    const error: unknown = event.reason;
    if (isEndOfServer(error)) return;
    event.preventDefault();
    void hasFailedWith(error).then((fatal) =>
      fatal ? die(error) : callback({ kind: "rejection", error })
    );
  };
  const onException = (event: ErrorEvent) => {
    if (event.defaultPrevented || hasNodeListener("uncaughtException")) return;
    event.preventDefault();
    callback({ kind: "exception", error: event.error });
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onException);
  return () => {
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onException);
  };
};

/**
 * A server that nobody watches has stopped, as that of `deno serve` does without file descriptors: a
 * process that serves no longer must not stay.
 */
function isEndOfServer(error: unknown): boolean {
  try {
    return error instanceof Deno.errors.Http && error.stack?.includes("ext:deno_http/") === true;
  } catch {
    // What is thrown can be anything, a proxy that throws for every look at it included.
    return false;
  }
}

/** Those of Node's kind are called after the events of the web, and only if nobody saw to these. */
function hasNodeListener(event: string): boolean {
  const { process } = globalThis as { process?: { listenerCount?(event: string): number } };
  return (process?.listenerCount?.(event) ?? 0) > 0;
}

/**
 * Whether the main module has ended with an error, which is reported as any other rejection: a program
 * that could not be set up must not stay. Importing it once more runs nothing, and tells.
 */
function hasFailedWith(error: unknown): Promise<boolean> {
  const main: string = Deno.mainModule;
  return import(main).then(() => false, (reason) => reason === error);
}

function die(error: unknown): void {
  console.error("error: Uncaught (in promise)", error);
  Deno.exit(1);
}

/** The function of `deno serve` that passes a request on to the application. */
const RUNTIME_SERVER = /^ {4}at handler \(ext:deno_http\//m;

/** See `Platform.calledByRuntimeServer`. Nothing but the stack tells. */
export function calledByRuntimeServer(): boolean {
  return RUNTIME_SERVER.test(stackWithoutLines());
}

/** Is set where the standard error goes to a terminal by way of the program that runs this one. */
export const TERMINAL_VARIABLE = "GUSTNADO_TERMINAL";

/** See `Platform.console`. */
export function processConsole(): PlatformConsole {
  return {
    isTerminal: () => Deno.stderr.isTerminal() || variable(TERMINAL_VARIABLE) !== undefined,
    noColor: () => Deno.noColor,
    write: writeStandardError,
    inspect: (value) => Deno.inspect(value, { colors: false }),
    variable,
  };
}

function variable(name: string): string | undefined {
  return isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;
}

function writeStandardError(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let start = 0; start < bytes.length;) {
      start += Deno.stderr.writeSync(bytes.subarray(start));
    }
  } catch {
    // Nobody reads it any more, and there is nowhere left to say so.
  }
}

/** See `Platform.localAddresses`. */
export function localAddresses(): readonly string[] {
  if (!isGranted({ name: "sys", kind: "networkInterfaces" })) return [];
  return Deno.networkInterfaces().filter(({ family }) => family === "IPv4")
    .map(({ address }) => address);
}

/** Reading alone would ask whoever sits at the terminal. */
function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
