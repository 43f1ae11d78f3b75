import type * as acorn from "acorn";
import { ForbiddenSyntax } from "./forbidden_syntax.ts";
import { FILTERS } from "./foreign_syntax.ts";

/** A placeholder of Python's `%` operator. */
const PLACEHOLDER = /%(?:\(\w+\))?[-+ #0-9.]*[sdifgxr]/;

/**
 * Refuses what is JavaScript, but means something else than its author thinks: `x | safe` (a number)
 * and `"%d" % x` (never a number).
 *
 * @throws {ForbiddenSyntax} With what to write instead.
 */
export function checkOperator({ operator, left, right }: acorn.BinaryExpression): void {
  if (operator === "|") {
    const filter = right.type === "CallExpression" ? right.callee : right;
    const name = filter.type === "Identifier" ? filter.name : "";
    const written = FILTERS.get(name);
    if (written === undefined) return;
    throw new ForbiddenSyntax(`There is no filter "${name}"`, right.start, `Write ${written}`);
  }
  const isFormat = operator === "%" && left.type === "Literal" &&
    typeof left.value === "string" && PLACEHOLDER.test(left.value);
  if (!isFormat) return;
  throw new ForbiddenSyntax("% does not format text", left.start, "Write `${x}` in backquotes");
}

/**
 * Refuses `f(name=value)`, which would assign to a variable and pass the value by its position.
 *
 * @throws {ForbiddenSyntax} With what to write instead.
 */
export function checkArguments(call: acorn.CallExpression): void {
  for (const argument of call.arguments) {
    if (argument.type !== "AssignmentExpression" || argument.operator !== "=") continue;
    if (argument.left.type !== "Identifier") continue;
    throw new ForbiddenSyntax(
      "Arguments have no names",
      argument.start,
      `Write { ${argument.left.name}: value } for ${argument.left.name}=value, if the function takes options`,
    );
  }
}
