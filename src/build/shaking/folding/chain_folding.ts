/** Constants in the place of members and calls that may be links of a chain: `a?.b`, `a?.b()`. */
import { isQuiet } from "./expressions.ts";
import type { Site } from "./linked_modules.ts";
import type { ModuleEdits } from "./module_edits.ts";
import type { AnyNode, NodeOf } from "../syntax_tree.ts";

type Link = NodeOf<"MemberExpression"> | NodeOf<"CallExpression">;

/**
 * Puts a constant in the place of a member that is read, or of a call of a member. What stands before it
 * is not looked at any more, unless it does something.
 *
 * @param member The member itself.
 */
export function foldLink(
  edits: ModuleEdits,
  { module, node }: Site<Link>,
  member: NodeOf<"MemberExpression">,
  constant: string,
): void {
  const { object } = member;
  if (node.type === "CallExpression" && !node.arguments.every(isQuiet)) {
    if (!mayBreakOff(node) && isQuiet(object)) foldCall(edits, { module, node }, constant);
    return;
  }
  const parent = module.parentOf(node);
  if (!mayBreakOff(node)) {
    if (isQuiet(object)) edits.fold({ module, node }, constant);
    else if (object.type === "CallExpression" && object.start === node.start) {
      edits.replace(module, node, "(", object, `, (${constant}))`);
    }
    return;
  }
  if (!isQuiet(object)) return;
  const isSame = constant === "void 0" ||
    parent?.type === "ChainExpression" && isNothing(constant, parent, module.parentOf(parent));
  if (isSame) {
    if (!isWithinChain(node, parent)) edits.fold({ module, node }, constant);
    return;
  }
  const isEnd = parent?.type === "ChainExpression" && member.optional &&
    (node === member || !("optional" in node && node.optional)) && !mayBreakOff(object);
  if (!isEnd || object.start !== node.start) return;
  edits.replace(module, node, "(", object, ` == null ? void 0 : (${constant}))`);
}

/** Whether a constant is as good as `undefined` at its place: `a?.b ?? c`, `!a?.b`. */
function isNothing(constant: string, node: AnyNode, parent: AnyNode | undefined): boolean {
  const isFalsy = constant === "null" || constant === "false" || constant === "0";
  switch (parent?.type) {
    case "LogicalExpression":
      if (parent.left !== node) return false;
      return parent.operator === "??" ? constant === "null" : parent.operator === "||" && isFalsy;
    case "IfStatement":
    case "ConditionalExpression":
      return parent.test === node && isFalsy;
    case "UnaryExpression":
      return parent.operator === "!" && isFalsy;
    case "ExpressionStatement":
      return true;
    default:
      return false;
  }
}

/** `f(a(), b)` is `(a(), b, constant)`. */
export function foldCall(
  edits: ModuleEdits,
  { module, node }: Site<NodeOf<"CallExpression">>,
  constant: string,
): void {
  if (node.arguments.every(isQuiet)) return edits.fold({ module, node }, constant);
  if (node.arguments.some(({ type }) => type === "SpreadElement")) return;
  const start = module.text.indexOf("(", node.callee.end);
  edits.replace(module, node, { start, end: node.end - 1 }, `, (${constant}))`);
}

/** Whether a link stands after `?.`, so that it may be passed over. */
function mayBreakOff(node: AnyNode): boolean {
  switch (node.type) {
    case "MemberExpression":
      return node.optional || mayBreakOff(node.object);
    case "CallExpression":
      return node.optional || mayBreakOff(node.callee);
    default:
      return false;
  }
}

/** Whether more links follow, which would be passed over with this one. */
function isWithinChain(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.object === node && !parent.optional;
  return parent?.type === "CallExpression" && parent.callee === node && !parent.optional;
}
