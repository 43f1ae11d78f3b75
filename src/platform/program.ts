/** The program that runs: what it was started with, and where it talks to whoever started it. */
import { builtinModule } from "./node_builtins.ts";
import { detectPlatform } from "./platform.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/** What a command line is read from, and answered to. */
export interface Program {
  /** The arguments, without the program's name. */
  readonly args: readonly string[];
  /** The columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** An environment variable; `undefined` if it is not set. Deno asks for permission to read it. */
  variable(name: string): string | undefined;
  /** Writes to the standard output, at once. */
  print(text: string): void;
  /** Writes to the standard error, at once. */
  complain(text: string): void;
  /** Ends the process. */
  exit(code: number): void;
}

/** What Node, Bun and their like call the program. */
interface NodeProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { readonly columns?: number };
  exit(code: number): void;
}

/**
 * The program that this code runs in.
 *
 * @throws {UnsupportedFeatureError} If the runtime has none.
 */
export function runningProgram(): Program {
  if ("Deno" in globalThis) return denoProgram();
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.argv !== undefined) return nodeProgram(process);
  throw new UnsupportedFeatureError("a command line", "Deno, Node or Bun");
}

const COLUMNS = 80;

function denoProgram(): Program {
  return {
    args: Deno.args,
    get columns() {
      return denoColumns();
    },
    variable: (name) => Deno.env.get(name),
    print: (text) => writeAll((bytes) => Deno.stdout.writeSync(bytes), text),
    complain: (text) => writeAll((bytes) => Deno.stderr.writeSync(bytes), text),
    exit: (code) => detectPlatform().exit(code),
  };
}

function denoColumns(): number {
  try {
    return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : COLUMNS;
  } catch {
    // Not every terminal tells.
    return COLUMNS;
  }
}

function nodeProgram(process: NodeProcess): Program {
  const { writeSync } = builtinModule("node:fs") as typeof import("node:fs");
  return {
    args: process.argv.slice(2),
    columns: process.stdout.columns ?? COLUMNS,
    variable: (name) => process.env[name],
    print: (text) => writeAll((bytes) => writeSync(1, bytes), text),
    complain: (text) => writeAll((bytes) => writeSync(2, bytes), text),
    exit: (code) => process.exit(code),
  };
}

/** A pipe may take a part only; one that nobody reads any more takes nothing. */
function writeAll(write: (bytes: Uint8Array) => number, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(write(bytes));
  } catch {
    // There is nobody left to tell.
  }
}

/** Whether a module is the program that runs. Node has no `import.meta.main` before its version 24. */
export function isMain({ main, url }: { readonly main?: boolean; readonly url: string }): boolean {
  if (main !== undefined) return main;
  const { process } = globalThis as { process?: NodeProcess };
  const path = process?.argv?.[1];
  return path !== undefined && realUrl(path) === url;
}

/** A program may be called by the name of a link; the URL of its module is that of the file. */
function realUrl(path: string): string | undefined {
  const { realpathSync } = builtinModule("node:fs") as typeof import("node:fs");
  const { pathToFileURL } = builtinModule("node:url") as typeof import("node:url");
  try {
    return pathToFileURL(realpathSync(path)).href;
  } catch {
    return undefined;
  }
}

/** Sets what the process ends with, when nothing keeps it any more. */
export function setExitCode(code: number): void {
  const { process } = globalThis as { process?: { exitCode?: number } };
  if ("Deno" in globalThis) Deno.exitCode = code;
  else if (process !== undefined) process.exitCode = code;
}
