/** Members that are always the same, and members that nobody looks at. */
import { foldLink } from "./chain_folding.ts";
import { foldName } from "./pattern_folding.ts";
import { isQuiet } from "./expressions.ts";
import type { LinkedModules, Site } from "./linked_modules.ts";
import type { MemberUses } from "./member_uses.ts";
import type { ModuleEdits } from "./module_edits.ts";
import { type AnyNode, isClass, type NodeOf } from "../syntax_tree.ts";

/** Reads a member as the constant that it always is, and calls of it as what they always give. */
export function foldMember(uses: MemberUses, edits: ModuleEdits): void {
  const { constant, result } = uses;
  if (constant !== undefined) {
    for (const site of uses.reads) foldRead(edits, site, constant);
    return;
  }
  if (result === undefined) return;
  for (const { module, node } of uses.calls) {
    const { callee } = node;
    // Whether what has no such method is called is not known then.
    const isSure = !node.optional || result === "void 0";
    if (callee.type === "MemberExpression" && isSure) {
      foldLink(edits, { module, node }, callee, result);
    }
  }
}

function foldRead(edits: ModuleEdits, { module, node }: Site, constant: string): void {
  if (node.type === "MemberExpression") {
    return foldLink(edits, { module, node }, node, constant);
  }
  if (node.type === "AssignmentExpression") {
    const { left } = node;
    const object = left.type === "MemberExpression" ? left.object : undefined;
    if (object !== undefined && isQuiet(object)) edits.fold({ module, node }, constant);
    return;
  }
  if (node.type === "Property") foldPattern(edits, { module, node }, constant);
}

/** `const { wound } = kite`: what reads the variable reads a constant. */
function foldPattern(
  edits: ModuleEdits,
  { module, node }: Site<NodeOf<"Property">>,
  constant: string,
): void {
  const { value }: { value: AnyNode } = node;
  foldName(edits, { module, node: value }, constant);
}

/** Leaves out a member that is only set. */
export function dropOnlySet(uses: MemberUses, modules: LinkedModules, edits: ModuleEdits): void {
  if (!uses.isOnlySet || uses.fields.length === 0) return;
  if (!uses.fields.every((field) => isOwn(field, modules))) return;
  for (const { module, node } of uses.fields) {
    if (!node.value || isQuiet(node.value)) edits.replace(module, node);
  }
  for (const { module, node } of uses.assignments) {
    const { left } = node;
    if (left.type === "MemberExpression" && isQuiet(left.object)) edits.dropTarget(module, node);
  }
}

/** Whether nobody but the library shows what is in an object: errors are shown as a whole. */
function isOwn(
  { module, node }: Site<NodeOf<"PropertyDefinition">>,
  modules: LinkedModules,
): boolean {
  if (node.key.type === "PrivateIdentifier") return true;
  let site: Site | null | undefined = { module, node: module.classOf(node) ?? module.program };
  while (site && isClass(site.node)) site = modules.baseOf(site);
  return site === null;
}
