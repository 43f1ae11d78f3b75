/** Variables that are constants, and variables that nobody reads. */
import { isQuiet, literalOf } from "./expressions.ts";
import type { LinkedModules, Site } from "./linked_modules.ts";
import type { ModuleEdits } from "./module_edits.ts";
import { dropNames } from "./pattern_folding.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import { type AnyNode, isFunction, type NodeOf } from "../syntax_tree.ts";
import type { Variable } from "./variables.ts";

/** What is as short as a name may stand for it anywhere. */
const AS_SHORT_AS_NAME = 6;

/** Puts what a variable always holds in the place of its reads, in whatever module. */
export function foldVariable(variable: Variable, modules: LinkedModules, edits: ModuleEdits): void {
  const { value, kind } = variable;
  if (value === undefined || kind === "var") return;
  const constant = value === null ? "void 0" : literalOf(value, Infinity);
  if (constant === null) return;
  const reads = modules.readsOf(variable);
  const isShort = reads.length === 1 || constant.length <= AS_SHORT_AS_NAME;
  for (const site of reads) if (isShort || isCompared(site)) edits.fold(site, constant);
}

/** `name === undefined` is decided when the name is known. */
function isCompared({ module, node }: Site): boolean {
  const parent = module.parentOf(node);
  return parent?.type === "BinaryExpression" && /^[!=]==?$/.test(parent.operator) ||
    parent?.type === "UnaryExpression" && parent.operator === "typeof";
}

/** Leaves out what is declared and never read, and what is only set. */
export function dropUnread(module: ModuleSyntax, edits: ModuleEdits): void {
  for (const node of module.nodes) {
    if (node.type === "VariableDeclaration") dropDeclarators(module, node, edits);
    if (node.type === "ObjectPattern" && isOfDeclaration(module, node)) {
      dropNames(edits, { module, node });
    }
  }
  for (const variable of module.variables.all) {
    if (!isUnread(variable) || variable.kind === "param") continue;
    for (const write of variable.writes) {
      const isPlain = write.type === "AssignmentExpression" && write.operator === "=" &&
        write.left.type === "Identifier";
      if (isPlain) edits.dropTarget(module, write);
    }
  }
}

/** Whether a pattern declares variables: another one sets what there is. */
function isOfDeclaration(module: ModuleSyntax, node: AnyNode): boolean {
  const parent = module.parentOf(node);
  switch (parent?.type) {
    case "VariableDeclarator": {
      const declaration = module.parentOf(parent);
      const around = declaration && module.parentOf(declaration);
      return parent.id === node && around?.type !== "ForOfStatement" &&
        around?.type !== "ForInStatement" && around?.type !== "ExportNamedDeclaration";
    }
    case "Property":
    case "AssignmentPattern":
    case "ObjectPattern":
      return isOfDeclaration(module, parent);
    default:
      return isFunction(parent);
  }
}

function isUnread({ reads, exports }: Variable): boolean {
  return reads.length === 0 && exports.length === 0;
}

function dropDeclarators(
  module: ModuleSyntax,
  declaration: NodeOf<"VariableDeclaration">,
  edits: ModuleEdits,
): void {
  const parent = module.parentOf(declaration);
  // Of the others, what names them is told by the outline of the module.
  if (parent?.type !== "BlockStatement" && parent?.type !== "SwitchCase") return;
  const dead = declaration.declarations.map((each) => isDead(module, each));
  if (dead.every(Boolean)) return edits.replace(module, declaration);
  const firstLive = dead.indexOf(false);
  declaration.declarations.forEach((each, index, all) => {
    if (!dead[index]) return;
    const next = all[index + 1];
    const previous = all[index - 1];
    if (index < firstLive && next) {
      edits.replace(module, { start: each.start, end: next.start });
    } else if (previous) edits.replace(module, { start: previous.end, end: each.end });
  });
}

function isDead(module: ModuleSyntax, { id, init }: NodeOf<"VariableDeclarator">): boolean {
  if (init && !isQuiet(init)) return false;
  if (id.type === "ObjectPattern") return id.properties.length === 0;
  const variable = module.variables.at(id);
  return variable !== undefined && isUnread(variable) && variable.writes.length === 0;
}
