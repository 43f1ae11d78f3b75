/** Variables that a pattern or a parameter gives a value: `{ wound, by = 1 }`. */
import { isQuiet, literalOf } from "./expressions.ts";
import type { Site } from "./linked_modules.ts";
import type { ModuleEdits } from "./module_edits.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import type { AnyNode, NodeOf } from "../syntax_tree.ts";
import type { Variable } from "./variables.ts";

/**
 * Reads a variable as what it is given.
 *
 * @param site The name, perhaps with a default, or a pattern: of one that is given nothing, and has an
 *   object without members as its default, each name is given nothing.
 * @param given What it is given, as it is written.
 */
export function foldName(edits: ModuleEdits, { module, node }: Site, given: string): void {
  const target = node.type === "AssignmentPattern" ? node.left : node;
  const isDefault = given === "void 0" && node.type === "AssignmentPattern";
  if (target.type === "ObjectPattern") {
    if (isDefault && isEmptyObject(node.right)) foldNames(edits, { module, node: target });
    return;
  }
  const variable = variableOf(module, node);
  if (variable === undefined || variable.writes.length > 0) return;
  const value = isDefault ? literalOf(node.right) : given;
  if (value === null) return;
  for (const read of variable.reads) edits.fold({ module, node: read }, value);
}

function foldNames(edits: ModuleEdits, { module, node }: Site<NodeOf<"ObjectPattern">>): void {
  for (const property of node.properties) {
    if (property.type === "Property") {
      foldName(edits, { module, node: property.value }, "void 0");
    }
  }
}

/** Whether a parameter, or a name in a pattern, can be left out: nobody reads what it is given. */
export function isUnreadName(module: ModuleSyntax, node: AnyNode): boolean {
  if (node.type === "AssignmentPattern" && !isQuiet(node.right)) return false;
  const target = node.type === "AssignmentPattern" ? node.left : node;
  if (target.type === "ObjectPattern") return target.properties.length === 0;
  const variable = variableOf(module, node);
  return variable !== undefined && variable.reads.length === 0 && variable.writes.length === 0 &&
    variable.exports.length === 0;
}

/** Leaves out of `{ a, b }` what nobody reads. */
export function dropNames(
  edits: ModuleEdits,
  { module, node }: Site<NodeOf<"ObjectPattern">>,
): void {
  if (node.properties.at(-1)?.type === "RestElement") return;
  for (const property of node.properties) {
    if (property.type !== "Property" || property.computed) continue;
    if (isUnreadName(module, property.value)) edits.removeItem(module, property);
  }
}

function variableOf(module: ModuleSyntax, node: AnyNode): Variable | undefined {
  return module.variables.at(node.type === "AssignmentPattern" ? node.left : node);
}

function isEmptyObject(node: AnyNode): boolean {
  return node.type === "ObjectExpression" && node.properties.length === 0;
}
