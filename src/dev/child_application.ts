/** An application that runs as a process of its own. */
import { DEVELOPMENT_VARIABLE } from "../platform/development_link.ts";
import { TERMINAL_VARIABLE } from "../platform/deno/deno_process.ts";
import {
  type DenoProgram,
  runDeno,
  showsColors,
  writesToTerminal,
  writeToStandardError,
} from "../platform/deno/deno_program.ts";
import type { DevCommand } from "./command_line.ts";

/** Bytes of what it has last written that are kept. */
const KEPT = 64 * 1024;
/** Milliseconds for a graceful end, and then for a hasty one. */
const GRACE = 1_000;

/** Runs until it ends, or is ended. What it writes goes to the terminal, as if it were alone there. */
export class ChildApplication {
  /** Settles with its exit code. */
  readonly ended: Promise<number>;
  readonly #program: DenoProgram;
  #written = new Uint8Array();

  /**
   * Starts it.
   *
   * @param command What to run.
   * @param link Where it tells that it listens.
   */
  constructor({ main, args, flags }: DevCommand, link: URL) {
    this.#program = runDeno({
      args: ["run", ...flags, main, ...args],
      env: {
        [DEVELOPMENT_VARIABLE]: link.href,
        ...(writesToTerminal() ? { [TERMINAL_VARIABLE]: "1" } : {}),
        ...(showsColors() ? { FORCE_COLOR: "1" } : {}),
      },
      onError: (piece) => this.#take(piece),
    });
    this.ended = this.#program.ended;
  }

  /** The last of what it has written to standard error, without colours and answered requests. */
  get lastWords(): string {
    const text = new TextDecoder().decode(this.#written).replace(ESCAPES, "").replace(ANSWERED, "");
    return text.replace(/\n\nStack backtrace:\n[^]*$/, "").trim();
  }

  /** Asks it to end. */
  stop(): void {
    this.#program.stop();
  }

  /** Ends it: gracefully, or else hastily, or else at once. */
  async end(): Promise<void> {
    for (const force of [false, false, true]) {
      this.#program.stop({ force });
      if (await settles(this.ended, GRACE)) return;
    }
  }

  #take(piece: Uint8Array): void {
    writeToStandardError(piece);
    const kept = this.#written.subarray(Math.max(0, this.#written.length + piece.length - KEPT));
    const last = piece.subarray(Math.max(0, piece.length - KEPT));
    this.#written = new Uint8Array(kept.length + last.length);
    this.#written.set(kept);
    this.#written.set(last, kept.length);
  }
}

// deno-lint-ignore no-control-regex -- what sets colours begins with one
const ESCAPES = /\x1b\[[0-9;]*[A-Za-z]/g;

/** A line of the access log. */
const ANSWERED = /^(?:\d\d:\d\d:\d\d|\d{4}-[-\dT:.]+Z) [IWE] \d{3} .*\n?/gm;

async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  const settled = await Promise.race([promise.then(() => true), over]);
  clearTimeout(timer);
  return settled;
}
