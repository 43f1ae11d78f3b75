/** The process that Node runs. */
import { builtinModule, nodeFs } from "../node_builtins.ts";
import type { Platform, PlatformConsole } from "../platform.ts";

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
const STANDARD_ERROR = 2;

function nodeProcess(): typeof import("node:process") {
  return builtinModule("node:process") as typeof import("node:process");
}

/** See `Platform.exit`. */
export function exit(code: number): void {
  nodeProcess().exit(code);
}

/** See `Platform.onStopSignal`. */
export function onStopSignal(callback: (signal: number) => void): () => void {
  const process = nodeProcess();
  const listeners = Object.entries(SIGNALS).map(([name, number]) =>
    [name as keyof typeof SIGNALS, () => callback(number)] as const
  );
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}

/** See `Platform.onUnhandledError`. */
export const onUnhandledError: Platform["onUnhandledError"] = (callback) => {
  const process = nodeProcess();
  const onRejection = (error: unknown) => {
    // The application's own listeners are called as well, and see to it.
    if (process.listenerCount("unhandledRejection") > 1) return;
    callback({ kind: "rejection", error });
  };
  const onException = (error: unknown, origin: string) => {
    // Rejections go to the other listener; but for that of the main module, which must not stay.
    if (origin === "unhandledRejection") return die(error);
    if (process.listenerCount("uncaughtException") > 1) return;
    callback({ kind: "exception", error });
  };
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);
  return () => {
    process.off("unhandledRejection", onRejection);
    process.off("uncaughtException", onException);
  };
};

function die(error: unknown): void {
  console.error("error: Uncaught (in promise)", error);
  exit(1);
}

/** See `Platform.console`. */
export function processConsole(): PlatformConsole {
  const process = nodeProcess();
  return {
    isTerminal,
    noColor: () => Boolean(process.env.NO_COLOR),
    write: writeStandardError,
    inspect: (value) => (builtinModule("node:util") as typeof import("node:util")).inspect(value),
    variable: (name) => process.env[name],
  };
}

/**
 * Whether somebody reads the standard error. What knows terminals loads streams and sockets, which takes
 * Bun longer than to load the library; a pipe or a file can be told without.
 */
function isTerminal(): boolean {
  try {
    if (!nodeFs().fstatSync(STANDARD_ERROR).isCharacterDevice()) return false;
  } catch {
    // It is closed.
    return false;
  }
  return (builtinModule("node:tty") as typeof import("node:tty")).isatty(STANDARD_ERROR);
}

/** At once: what a process says last must not be lost with it. */
function writeStandardError(text: string): void {
  const { writeSync } = nodeFs();
  const bytes = new TextEncoder().encode(text);
  try {
    for (let start = 0; start < bytes.length;) start += writeSync(STANDARD_ERROR, bytes, start);
  } catch {
    // A full pipe takes it later, if at all; and where nobody reads any more there is nowhere to say so.
  }
}

/** See `Platform.localAddresses`. */
export function localAddresses(): readonly string[] {
  const os = builtinModule("node:os") as typeof import("node:os");
  return Object.values(os.networkInterfaces()).flat()
    .filter((address) => address?.family === "IPv4")
    .map((address) => address?.address ?? "");
}
