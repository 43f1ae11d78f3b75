/**
 * Compares two values as Python orders them: numbers, bigints and booleans by value, strings by code
 * point, dates by time, arrays element by element and then by length.
 *
 * @returns Negative if `a` comes first, positive if `b` does, 0 if they are equal.
 * @throws {TypeError} If Python would not order them either: `NaN`, `null`, objects, mixed types.
 */
export function comparePython(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  if (a instanceof Date && b instanceof Date) return comparePython(a.getTime(), b.getTime());
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  throw new TypeError(
    `Cannot order ${describe(a)} and ${describe(b)}: give the queue a compare function`,
  );
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    // As in Python, elements that are the same need not have an order.
    if (a[index] === b[index]) continue;
    const order = comparePython(a[index], b[index]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Ranks a UTF-16 unit so that surrogates, which stand for U+10000 and above, come last. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function isNumeric(value: unknown): value is number | bigint | boolean {
  if (typeof value === "number") return !Number.isNaN(value);
  return typeof value === "bigint" || typeof value === "boolean";
}

function describe(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
