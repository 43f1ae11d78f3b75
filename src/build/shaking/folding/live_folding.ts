/** One round of folding: what live code shows to be always the same, or needed by nobody. */
import {
  callableOf,
  callablesOf,
  foldParameters,
  foldResults,
  subclassesIn,
} from "./call_folding.ts";
import { isQuiet } from "./expressions.ts";
import { LinkedModules, type LinkedModulesInput } from "./linked_modules.ts";
import { dropOnlySet, foldMember } from "./member_folding.ts";
import { MemberTable, type OtherNames } from "./member_uses.ts";
import { ModuleEdits } from "./module_edits.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import { foldStatements } from "./statement_folding.ts";
import type { TextEdit } from "../text_edits.ts";
import { dropUnread, foldVariable } from "./variable_folding.ts";

/** See {@linkcode foldLive}. */
export interface LiveInput extends LinkedModulesInput, OtherNames {
  /** By module: the classes that nothing is an instance of. */
  readonly withoutInstances: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * What can be folded in modules of which all is live.
 *
 * @returns The edits, by the path of the module: all of them come into effect, or none.
 */
export function foldLive(input: LiveInput): ReadonlyMap<string, readonly TextEdit[]> {
  const modules = new LinkedModules(input);
  const edits = new ModuleEdits();
  const subclasses = subclassesIn(modules);
  const isOpen = (name: string) => modules.openNames.has(name) || input.isOpen(name);
  for (const uses of new MemberTable(modules.all, { ...input, isOpen }).all) {
    foldMember(uses, edits);
    dropOnlySet(uses, modules, edits);
    const callable = callableOf(uses);
    if (callable !== null) foldParameters(callable, edits);
  }
  for (const module of modules.all) {
    for (const callable of callablesOf(module, modules, subclasses)) {
      foldParameters(callable, edits);
    }
    for (const variable of module.variables.all) {
      foldVariable(variable, modules, edits);
      foldResults(variable, modules, edits);
    }
    dropUnread(module, edits);
    foldStatements(module, edits);
    foldInstances(module, input.withoutInstances.get(module.path) ?? new Set(), edits);
  }
  return edits.all;
}

/** `error instanceof ValidationError`, where nothing makes one. */
function foldInstances(
  module: ModuleSyntax,
  classes: ReadonlySet<string>,
  edits: ModuleEdits,
): void {
  if (classes.size === 0) return;
  for (const node of module.nodes) {
    const isTest = node.type === "BinaryExpression" && node.operator === "instanceof" &&
      node.right.type === "Identifier" && classes.has(node.right.name);
    if (!isTest) continue;
    if (isQuiet(node.left)) edits.fold({ module, node }, "false");
    else edits.replace(module, node, "(", node.left, ", false)");
  }
}
