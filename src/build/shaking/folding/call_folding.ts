/** Functions that always give the same, and parameters that always are the same or that nobody reads. */
import { foldCall } from "./chain_folding.ts";
import { isQuiet, literalOf, literalResult, usesArguments } from "./expressions.ts";
import type { LinkedModules, Site } from "./linked_modules.ts";
import type { MemberUses } from "./member_uses.ts";
import type { ModuleEdits } from "./module_edits.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import { foldName, isUnreadName } from "./pattern_folding.ts";
import {
  type AnyNode,
  childrenOf,
  type FunctionNode,
  isClass,
  isFunction,
  type NodeOf,
} from "../syntax_tree.ts";
import type { Variable } from "./variables.ts";

type Call = NodeOf<"CallExpression"> | NodeOf<"NewExpression">;

/** Functions that are called by one name, and all calls that there are. */
export interface Callable {
  readonly functions: readonly Site<FunctionNode>[];
  readonly calls: readonly Site<Call>[];
}

/** The functions and classes of a module that nobody else may call. */
export function* callablesOf(
  module: ModuleSyntax,
  modules: LinkedModules,
  subclasses: Subclasses,
): Generator<Callable> {
  for (const variable of module.variables.all) {
    const { value } = variable;
    if (!value || modules.isEscaped(variable)) continue;
    const found = isFunction(value)
      ? functionCalls(variable, { module, node: value }, modules)
      : isClass(value)
      ? constructorCalls(variable, { module, node: value }, { modules, subclasses })
      : null;
    if (found !== null) yield found;
  }
}

/** Methods that nobody else may call; `null` where somebody might. */
export function callableOf(uses: MemberUses): Callable | null {
  const { methods: functions, calls } = uses;
  if (uses.isOpen || uses.isShared || uses.isAccessor || uses.keys.length > 0) return null;
  if (uses.values.length > 0 || uses.reads.length > 0) return null;
  return { functions, calls };
}

/** By class: the classes that extend it. */
export type Subclasses = ReadonlyMap<AnyNode, readonly Site[]>;

/** Finds the classes that extend others. */
export function subclassesIn(modules: LinkedModules): Subclasses {
  const found = new Map<AnyNode, Site[]>();
  for (const module of modules.all) {
    for (const node of module.nodes) {
      if (!isClass(node)) continue;
      const base = modules.baseOf({ module, node });
      if (!base) continue;
      const known = found.get(base.node);
      if (known === undefined) found.set(base.node, [{ module, node }]);
      else known.push({ module, node });
    }
  }
  return found;
}

function functionCalls(
  variable: Variable,
  site: Site<FunctionNode>,
  modules: LinkedModules,
): Callable | null {
  const calls: Site<Call>[] = [];
  for (const { module, node } of modules.readsOf(variable)) {
    const parent = module.parentOf(node);
    if (parent?.type !== "CallExpression" || parent.callee !== node) return null;
    calls.push({ module, node: parent });
  }
  return { functions: [site], calls };
}

/** `new Kite()`, and `super()` in the classes that extend it. */
function constructorCalls(
  variable: Variable,
  { module, node }: Site,
  { modules, subclasses }: { readonly modules: LinkedModules; readonly subclasses: Subclasses },
): Callable | null {
  const made = constructorOf(node);
  if (made === null || makesItself(node)) return null;
  const calls: Site<Call>[] = [];
  for (const read of modules.readsOf(variable)) {
    const parent = read.module.parentOf(read.node);
    if (parent?.type === "NewExpression" && parent.callee === read.node) {
      calls.push({ module: read.module, node: parent });
      continue;
    }
    const isHarmless = parent?.type === "MemberExpression" && parent.object === read.node ||
      parent?.type === "BinaryExpression" && parent.operator === "instanceof" ||
      isClass(parent) && parent.superClass === read.node;
    if (!isHarmless) return null;
  }
  for (const subclass of subclasses.get(node) ?? []) {
    const own = constructorOf(subclass.node);
    // One without a constructor hands on whatever it is made with.
    if (own === null) return null;
    calls.push(...superCallsIn(own).map((call) => ({ module: subclass.module, node: call })));
  }
  return { functions: [{ module, node: made }], calls };
}

function constructorOf(node: AnyNode): FunctionNode | null {
  if (!isClass(node)) return null;
  const member = node.body.body.find((each) =>
    each.type === "MethodDefinition" && each.kind === "constructor"
  );
  return member?.type === "MethodDefinition" ? member.value : null;
}

/** Whether a class is also made by what its own code calls otherwise. */
function makesItself(node: AnyNode): boolean {
  const isNamed = (node.type === "ClassExpression" || node.type === "FunctionExpression") &&
    node.id;
  return Boolean(isNamed) ||
    has(node, (each) => each.type === "NewExpression" && each.callee.type !== "Identifier");
}

function superCallsIn(node: AnyNode): Call[] {
  if (isClass(node)) return [];
  const own: Call[] = node.type === "CallExpression" && node.callee.type === "Super" ? [node] : [];
  return [...own, ...childrenOf(node).flatMap(superCallsIn)];
}

function has(node: AnyNode, test: (node: AnyNode) => boolean): boolean {
  return test(node) || childrenOf(node).some((each) => has(each, test));
}

/** Folds calls of functions that are called by a variable's name. */
export function foldResults(variable: Variable, modules: LinkedModules, edits: ModuleEdits): void {
  const { value } = variable;
  const result = value && isFunction(value) ? literalResult(value) : null;
  if (result === null) return;
  for (const { module, node } of modules.readsOf(variable)) {
    const parent = module.parentOf(node);
    if (parent?.type !== "CallExpression" || parent.callee !== node || parent.optional) continue;
    foldCall(edits, { module, node: parent }, result);
  }
}

/** Folds parameters that are the same in all calls, and leaves out those that nobody reads. */
export function foldParameters({ functions, calls }: Callable, edits: ModuleEdits): void {
  if (functions.length === 0 || calls.length === 0) return;
  if (functions.some(({ node }) => usesArguments(node.body))) return;
  // Of what does nothing, the calls are gone.
  if (functions.every(({ node }) => literalResult(node) !== null)) return;
  const count = Math.max(
    ...functions.map(({ node }) => node.params.length),
    ...calls.map(({ node }) => node.arguments.length),
  );
  const spread = Math.min(
    ...calls.map(({ node }) => indexOf(node.arguments, "SpreadElement")),
    ...functions.map(({ node }) => indexOf(node.params, "RestElement")),
  );
  for (let index = 0; index < Math.min(count, spread); index++) {
    if (isUnread(index, functions, calls)) {
      for (const { module, node } of functions) removeParam(edits, { module, node }, index);
      for (const { module, node } of calls) {
        const argument = node.arguments[index];
        if (argument !== undefined) edits.removeItem(module, argument);
      }
      continue;
    }
    const given = sameArgument(index, functions, calls);
    if (given === null) continue;
    for (const { module, node } of functions) {
      const param = node.params[index];
      if (param !== undefined) foldName(edits, { module, node: param }, given);
    }
  }
}

function indexOf(nodes: readonly AnyNode[], type: AnyNode["type"]): number {
  const index = nodes.findIndex((node) => node.type === type);
  return index === -1 ? Infinity : index;
}

/** Whether no function reads a parameter, and to compute it does nothing. */
function isUnread(
  index: number,
  functions: Callable["functions"],
  calls: Callable["calls"],
): boolean {
  return functions.every(({ module, node }) => {
    const param = node.params[index];
    return param === undefined || isUnreadName(module, param);
  }) && calls.every(({ node }) => {
    const argument = node.arguments[index];
    return argument === undefined || isQuiet(argument);
  });
}

/** What a parameter always is, as it is written; `null` if that differs. */
function sameArgument(
  index: number,
  functions: Callable["functions"],
  calls: Callable["calls"],
): string | null {
  const own = new Set(functions.map(({ module, node }) => variableOf(module, node.params[index])));
  const values = new Set<string | null>();
  for (const { module, node } of calls) {
    const argument = node.arguments[index];
    const variable = argument && module.variables.at(argument);
    // A function that calls itself may hand on what it was given.
    if (variable !== undefined && own.has(variable) && variable.writes.length === 0) continue;
    values.add(argument === undefined ? "void 0" : literalOf(argument));
  }
  const [value = null, ...more] = values;
  return more.length === 0 ? value : null;
}

function removeParam(
  edits: ModuleEdits,
  { module, node }: Site<FunctionNode>,
  index: number,
): void {
  const param = node.params[index];
  if (param === undefined) return;
  const isBare = node.type === "ArrowFunctionExpression" && node.params.length === 1 &&
    !/\(\s*$/.test(module.text.slice(node.start, param.start));
  if (isBare) edits.replace(module, param, "()");
  else edits.removeItem(module, param);
}

function variableOf(module: ModuleSyntax, param: AnyNode | undefined): Variable | undefined {
  if (param === undefined) return undefined;
  return module.variables.at(param.type === "AssignmentPattern" ? param.left : param);
}
