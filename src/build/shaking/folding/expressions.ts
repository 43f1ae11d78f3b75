/** What expressions give, and whether they do anything beside. */
import { type AnyNode, childrenOf, type FunctionNode, isFunction } from "../syntax_tree.ts";

/** Texts up to this length may stand where they are read. */
const SHORT_TEXT = 24;

/**
 * A constant as it is written: `null`, `void 0`, a boolean, a number, a short text. `null` for what is
 * none.
 *
 * @param node The expression.
 * @param textLength How long a text may be.
 */
export function literalOf(
  node: AnyNode | null | undefined,
  textLength: number = SHORT_TEXT,
): string | null {
  switch (node?.type) {
    case "Literal": {
      const { value } = node;
      if ("regex" in node && node.regex !== undefined) return null;
      if (typeof value === "string") {
        return value.length <= textLength ? JSON.stringify(value) : null;
      }
      return value === null || typeof value === "boolean" || typeof value === "number"
        ? String(value)
        : null;
    }
    case "UnaryExpression": {
      const { operator, argument } = node;
      if (operator === "void") return argument.type === "Literal" ? "void 0" : null;
      if (argument.type !== "Literal" || typeof argument.value !== "number") return null;
      if (operator === "!") return String(!argument.value);
      return operator === "-" ? `-${argument.value}` : null;
    }
    default:
      return null;
  }
}

/** What a function gives whatever it is called with, where it does nothing else; `null` for any other. */
export function literalResult(node: FunctionNode): string | null {
  if (node.async || node.generator || !node.params.every(isQuietParam)) return null;
  const { body } = node;
  if (body.type !== "BlockStatement") return literalOf(body);
  const [statement, ...more] = body.body;
  if (statement === undefined) return "void 0";
  if (more.length > 0 || statement.type !== "ReturnStatement") return null;
  return statement.argument ? literalOf(statement.argument) : "void 0";
}

function isQuietParam(param: AnyNode): boolean {
  if (param.type === "AssignmentPattern") {
    return param.left.type === "Identifier" && isQuiet(param.right);
  }
  if (param.type === "ObjectPattern") {
    return param.properties.every((each) =>
      each.type === "Property" && !each.computed && isQuietParam(each.value)
    );
  }
  return param.type === "Identifier" ||
    param.type === "RestElement" && param.argument.type === "Identifier";
}

/** Classes of the language that do nothing but make an object. */
const QUIET_CLASSES = new Set(["Set", "Map", "WeakMap", "WeakSet", "Uint8Array", "Headers"]);

/**
 * Whether an expression can be left out, if nobody needs what it gives. To read a member does nothing;
 * neither does a getter of the library, but to give what it makes at its first use.
 */
export function isQuiet(node: AnyNode): boolean {
  switch (node.type) {
    case "Literal":
    case "Identifier":
    case "ThisExpression":
    case "Super":
    case "PrivateIdentifier":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "TemplateElement":
    case "MetaProperty":
      return true;
    case "UnaryExpression":
      return node.operator !== "delete" && isQuiet(node.argument);
    case "NewExpression":
      return node.callee.type === "Identifier" && QUIET_CLASSES.has(node.callee.name) &&
        node.arguments.length === 0;
    case "Property":
    case "MemberExpression":
    case "ChainExpression":
    case "BinaryExpression":
    case "LogicalExpression":
    case "ConditionalExpression":
    case "ObjectExpression":
    case "ArrayExpression":
      return childrenOf(node).every(isQuiet);
    case "SpreadElement":
      return false;
    default:
      return false;
  }
}

/** The functions that stand around a node and below another one: whether `this` or `arguments` is theirs. */
export function usesArguments(node: AnyNode): boolean {
  if (node.type === "Identifier") return node.name === "arguments";
  return childrenOf(node).some((each) =>
    !(isFunction(each) && each.type !== "ArrowFunctionExpression") && usesArguments(each)
  );
}
