/** Longer names are not compared: nobody mistypes them by one letter only. */
const MAX_LENGTH = 40;

/**
 * Finds the name that was probably meant: one that at most two changes of a letter make of it.
 *
 * @param name What was written.
 * @param known What could have been written.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const limit = name.length < 4 ? 1 : 2;
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known.slice(0, 500)) {
    if (Math.abs(candidate.length - name.length) > limit || name.length > MAX_LENGTH) continue;
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < bestDistance) [best, bestDistance] = [candidate, apart];
  }
  return best;
}

/** The Levenshtein distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
