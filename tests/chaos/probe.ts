/** Requests under way while all this happens. */
import { delay } from "./program.ts";

const REQUESTS = 10;

/** Asks, ten at a time and again and again, for an answer that takes 100 ms. */
export class Probe {
  readonly #url: string;
  readonly #running: Promise<void>[];
  #stopped = false;
  #phase = "";
  readonly #counts = new Map<string, { asked: number; lost: number }>();

  constructor(url: string) {
    this.#url = url;
    this.#running = Array.from({ length: REQUESTS }, () => this.#ask());
  }

  /** What is going on; requests count for what goes on when they are sent. */
  phase(name: string): void {
    this.#phase = name;
  }

  /** How many were asked during a phase, and how many of these were not answered. */
  count(phase: string): { readonly asked: number; readonly lost: number } {
    return this.#counts.get(phase) ?? { asked: 0, lost: 0 };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      const count = this.#counts.get(this.#phase) ?? { asked: 0, lost: 0 };
      this.#counts.set(this.#phase, count);
      count.asked++;
      if (!await answers(this.#url)) count.lost++;
      await delay(20);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    return await response.text() === "done" && response.ok;
  } catch {
    return false;
  }
}
