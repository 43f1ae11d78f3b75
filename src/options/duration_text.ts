/** Durations as people write them. */

/** Milliseconds by unit: those of `tornado.options`, and their full names. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ...unit(0.001, "us", "microsecond"),
  ...unit(1, "ms", "millisecond"),
  ...unit(1_000, "s", "sec", "second"),
  ...unit(60_000, "m", "min", "minute"),
  ...unit(3_600_000, "h", "hour"),
  ...unit(86_400_000, "d", "day"),
  ...unit(604_800_000, "w", "week"),
]);

function unit(ms: number, ...names: readonly string[]): [string, number][] {
  return names.flatMap((name): [string, number][] => [[name, ms], [`${name}s`, ms]]);
}

/** Longer texts are none. */
const MAX_LENGTH = 100;

/**
 * Reads a duration: numbers with their units, or one number of milliseconds.
 *
 * @param text Such as `5s`, `1h30m`, `1.5 min` or `250`.
 * @returns Milliseconds; `undefined` if it is no duration.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["5s", "1h 30m", "250"].map(parseDuration), [5_000, 5_400_000, 250]);
 * ```
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  let ms = 0;
  let end = 0;
  for (const part of text.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+) ?/gy)) {
    const factor = UNITS.get(part[2] ?? "");
    if (factor === undefined) return undefined;
    ms += Number(part[1]) * factor;
    end += part[0].length;
  }
  return end > 0 && end === text.length ? ms : undefined;
}

/** Those that a help is written with, from the longest. */
const SHOWN_UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/**
 * Writes a duration in the largest unit that it is a whole number of.
 *
 * @param ms Milliseconds.
 */
export function formatDuration(ms: number): string {
  const fitting = SHOWN_UNITS.find(([, factor]) => ms >= factor && ms % factor === 0);
  return fitting === undefined ? `${ms}ms` : `${ms / fitting[1]}${fitting[0]}`;
}
