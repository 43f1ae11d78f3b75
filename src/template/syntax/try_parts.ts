/** The parts of a `{% try %}` block, in the order in which they may stand. */
const ORDER = ["try", "except", "else", "finally"];

/**
 * Checks that a part of a `{% try %}` block may follow those before it.
 *
 * @param before The parts so far.
 * @param part The next one; `catch` counts as `except`.
 * @param written How it was written.
 * @returns What is wrong, or `undefined`.
 */
export function tryPartProblem(
  before: ReadonlyMap<string, unknown>,
  part: string,
  written: string,
): string | undefined {
  const later = ORDER.slice(ORDER.indexOf(part)).find((each) => before.has(each));
  if (later === part) return `A try block has only one ${written} block`;
  if (later !== undefined) return `${written} block cannot follow ${later} block`;
  if (part === "else" && !before.has("except")) {
    return "else block of try needs an except block before it";
  }
  return undefined;
}

/**
 * The variable of `except e`, `catch (e)` and `except Exception as e`: `""` for none, `undefined` for
 * something else.
 *
 * @param text What follows `except` or `catch`.
 */
export function caughtVariable(text: string): string | undefined {
  const bare = text.trim().replace(/^\((.*)\)$/s, "$1").trim();
  const variable = /^(?:Exception|Error)\s+as\s+(\S+)$/.exec(bare)?.[1] ?? bare;
  // A class would look like a variable, and catch more than it says.
  return /^(?:[a-z_$][\w$]*)?$/.test(variable) ? variable : undefined;
}
