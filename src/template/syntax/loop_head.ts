/** What stands between `for` and `%}`. */
export interface LoopHead {
  /** Whether it is a `for await`. */
  readonly awaits: boolean;
  /** What each value is assigned to: a name or a pattern. */
  readonly target: string;
  /** The expression of the values. */
  readonly values: string;
  /** Where in the text that expression begins. */
  readonly valuesStart: number;
}

const HEAD = /^(\s*(await\s+)?(?:(?:const|let|var)\s+)?)(.*?)(\s(?:in|of)\s)(.*)$/s;

/**
 * Reads `x in xs`, `[k, v] of entries`, `await x of stream` and Python's `k, v in items`.
 *
 * @param text What follows `for`.
 * @returns `undefined` when it is none of these.
 */
export function readLoopHead(text: string): LoopHead | undefined {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [, prefix = "", awaits, target = "", keyword = "", values = ""] = head;
  if (target.trim() === "" || values.trim() === "") return undefined;
  return {
    awaits: awaits !== undefined,
    target: asPattern(target),
    values,
    valuesStart: prefix.length + target.length + keyword.length,
  };
}

/** Python writes `k, v` for what JavaScript writes `[k, v]`. */
function asPattern(target: string): string {
  return /^[\p{L}_$][^[{(]*,/u.test(target.trim()) ? `[${target}]` : target;
}
