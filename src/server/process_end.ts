/** How a process ends that is told to: first its servers, then itself. */
import type { Platform } from "../platform/platform.ts";

/** Shuts a server down; tells whether it had to cut nothing. */
export type Ending = () => Promise<boolean>;

/** What a shell adds to the number of the signal that ended a process. */
const SIGNALLED = 128;

const ends = new WeakMap<Platform, ProcessEnd>();

/** The end of the process that a platform stands for. */
export function processEnd(platform: Platform): ProcessEnd {
  let end = ends.get(platform);
  if (end === undefined) ends.set(platform, end = new ProcessEnd(platform));
  return end;
}

/**
 * Ends the process on `SIGTERM` and `SIGINT`, whatever else keeps its loop alive: timers, workers,
 * connections to databases.
 *
 * The exit code is 0 if everything ended in its time, and 1 if something was cut. A second signal ends
 * the process at once, with the code that a shell shows for it: 143 or 130.
 */
export class ProcessEnd {
  readonly #platform: Platform;
  readonly #endings = new Set<Ending>();
  #listening = 0;
  #ignore = () => {};
  #begun = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Adds a server that ends with the process.
   *
   * @param ending Shuts it down.
   * @param handleSignals Whether it wants the signals to be listened to. Without any such server they
   *   do what they do by default.
   * @returns What takes it out again, when it has stopped.
   */
  add(ending: Ending, handleSignals: boolean): () => void {
    this.#endings.add(ending);
    if (handleSignals) this.#listen();
    return () => {
      if (!this.#endings.delete(ending)) return;
      if (handleSignals) this.#unlisten();
    };
  }

  #listen(): void {
    if (this.#listening++ > 0 || this.#begun) return;
    this.#ignore = this.#platform.onStopSignal((signal) => this.#onSignal(signal));
  }

  /** As soon as the end has begun, a second signal has to be heard until it is over. */
  #unlisten(): void {
    if (--this.#listening === 0 && !this.#begun) this.#ignore();
  }

  #onSignal(signal: number): void {
    if (this.#begun) this.#platform.exit(SIGNALLED + signal);
    else void this.end(0);
  }

  /**
   * Shuts every server down, and then ends the process.
   *
   * @param code The exit code if nothing has to be cut.
   */
  async end(code: number): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    const results = await Promise.allSettled([...this.#endings].map((ending) => ending()));
    const clean = results.every((result) => result.status === "fulfilled" && result.value);
    // Who waits for a server has a turn of the loop to say so.
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#platform.exit(clean ? code : 1);
  }
}
