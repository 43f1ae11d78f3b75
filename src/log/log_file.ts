/** A file that lines are added to, and that makes way for a new one when it has grown. */
import { nodeFs } from "../platform/node_builtins.ts";
import { detectPlatform } from "../platform/platform.ts";

/** Where lines go. */
export interface LogFileOptions {
  /** The path. Its folder has to be there. */
  readonly path: string;
  /** Bytes from which on it makes way. */
  readonly maxBytes: number;
  /** How many former files are kept: `app.log.1` is the youngest. */
  readonly keep: number;
}

/** Milliseconds until a file that could not be written is tried again. */
const RETRY = 1_000;

/** See the module's summary. It is written at once: what was logged before a crash is there. */
export class LogFile {
  readonly #options: LogFileOptions;
  #descriptor: number | undefined;
  #size = 0;
  #retryAt = -Infinity;

  /**
   * Opens the file, or makes it.
   *
   * @throws {Error} If it cannot be written; the message names it.
   */
  constructor(options: LogFileOptions) {
    this.#options = options;
    try {
      this.#open();
    } catch (error) {
      throw new Error(`Cannot write the log file ${JSON.stringify(options.path)}: ${why(error)}`, {
        cause: error,
      });
    }
  }

  #open(): void {
    const fs = nodeFs();
    const descriptor = this.#descriptor = fs.openSync(this.#options.path, "a");
    this.#size = fs.fstatSync(descriptor).size;
  }

  /** Adds a line. One that cannot be written goes to the standard error. Never throws. */
  write(line: string): void {
    if (performance.now() < this.#retryAt) return detectPlatform().console.write(line);
    try {
      this.#write(new TextEncoder().encode(line));
    } catch (error) {
      this.#fail(error);
      detectPlatform().console.write(line);
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#descriptor === undefined) this.#open();
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) this.#rotate();
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    for (let start = 0; start < bytes.length;) {
      start += nodeFs().writeSync(descriptor, bytes, start);
    }
    this.#size += bytes.length;
  }

  #fail(error: unknown): void {
    this.close();
    this.#retryAt = performance.now() + RETRY;
    const path = JSON.stringify(this.#options.path);
    detectPlatform().console.write(
      `Cannot write the log file ${path}: ${why(error)}; its lines go here\n`,
    );
  }

  /** The oldest file goes, each other gets the next number, and a new one begins. */
  #rotate(): void {
    const { path, keep } = this.#options;
    const fs = nodeFs();
    this.close();
    if (keep === 0) fs.truncateSync(path);
    for (let number = keep; number > 0; number--) {
      const older = number === 1 ? path : `${path}.${number - 1}`;
      if (fs.existsSync(older)) fs.renameSync(older, `${path}.${number}`);
    }
    this.#open();
  }

  /** Closes the file. The next line would open it again. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      nodeFs().closeSync(descriptor);
    } catch {
      // It is gone, which is what was wanted.
    }
  }
}

/** What is wrong, and what to do about it. */
function why(error: unknown): string {
  const { code, name, message } = Object(error) as Partial<Error & { code: string }>;
  if (code === "ENOENT") return "its folder is not there; make it first";
  if (code === "EISDIR") return "there is a folder of this name; name a file";
  if (code === "ENOSPC") return "the disk is full";
  if (name === "NotCapable") return "run Deno with --allow-write and --allow-read for it";
  if (code === "EACCES" || code === "EPERM") return "this user may not write it";
  return String(message ?? error);
}
