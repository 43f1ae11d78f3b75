/** Statements that do nothing, which a bundler leaves as they are. */
import { literalOf } from "./expressions.ts";
import type { ModuleEdits } from "./module_edits.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import type { AnyNode, NodeOf } from "../syntax_tree.ts";

/** Leaves out loops over nothing, and decides what a variable is that was set just before. */
export function foldStatements(module: ModuleSyntax, edits: ModuleEdits): void {
  for (const node of module.nodes) {
    if (node.type === "ForOfStatement" && !node.await && isEmptyList(node.right)) {
      edits.replace(module, node, ";");
    }
    if (node.type === "SequenceExpression") foldSequence(module, node, edits);
  }
}

/** `[]`, and what a list gives in the place of nothing: `void 0 ?? []`. */
function isEmptyList(node: AnyNode): boolean {
  return node.type === "ArrayExpression" && node.elements.length === 0;
}

/** `step = void 0, step !== void 0 && next()`: nothing has changed the variable in between. */
function foldSequence(
  module: ModuleSyntax,
  { expressions }: NodeOf<"SequenceExpression">,
  edits: ModuleEdits,
): void {
  expressions.forEach((each, index) => {
    const next = expressions[index + 1];
    if (next === undefined || each.type !== "AssignmentExpression" || each.operator !== "=") return;
    const constant = each.left.type === "Identifier" ? literalOf(each.right) : null;
    if (constant === null) return;
    const first = firstRead(next);
    const isSame = first !== undefined &&
      module.variables.at(first) === module.variables.at(each.left);
    if (isSame) edits.fold({ module, node: first }, constant);
  });
}

/** The variable that an expression reads before it does anything. */
function firstRead(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case "Identifier":
      return node;
    case "LogicalExpression":
    case "BinaryExpression":
      return firstRead(node.left);
    case "ConditionalExpression":
      return firstRead(node.test);
    case "UnaryExpression":
      return node.operator === "delete" ? undefined : firstRead(node.argument);
    default:
      return undefined;
  }
}
