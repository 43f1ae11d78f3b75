/** The modules of the library that are live, and what their imports stand for. */
import { importsIn } from "../first_use.ts";
import { isClass } from "../syntax_tree.ts";
import type { AnyNode, NodeOf } from "../syntax_tree.ts";
import type { ModuleOutline } from "../module_outline.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import type { Variable } from "./variables.ts";

/** A node, and the module that it stands in. */
export interface Site<Node = AnyNode> {
  readonly module: ModuleSyntax;
  readonly node: Node;
}

/** A module, and what it imports and exports. */
export interface LinkedModule {
  readonly syntax: ModuleSyntax;
  readonly outline: Pick<ModuleOutline, "imports" | "exports" | "wholes">;
}

/** What {@linkcode LinkedModules} are made of. */
export interface LinkedModulesInput {
  readonly modules: ReadonlyMap<string, LinkedModule>;
  readonly resolve: (specifier: string, importer: string) => string | null;
  /** What others import of them: the module, and the name in it or `"*"`. */
  readonly roots: readonly (readonly [path: string, name: string])[];
}

/** The modules, together. */
export class LinkedModules {
  readonly #input: LinkedModulesInput;
  readonly #reads = new Map<Variable, Site<NodeOf<"Identifier">>[]>();
  readonly #escaped = new Set<Variable>();
  readonly #escapedModules = new Set<string>();
  readonly #openNames = new Set<string>();

  constructor(input: LinkedModulesInput) {
    this.#input = input;
    for (const [path, name] of input.roots) this.#escape(path, name);
    for (const { syntax, outline } of input.modules.values()) {
      const links = [...outline.imports, ...outline.exports].filter(({ name }) => name === "*");
      for (const { from } of links) this.#escapeFrom(syntax.path, from);
      if (syntax.text.includes("import(")) this.#escapeImports(syntax);
      for (const variable of syntax.variables.all) {
        const origin = this.originOf(syntax, variable);
        if (origin === undefined) continue;
        const reads = this.#reads.get(origin.node) ?? [];
        reads.push(...variable.reads.map((node) => ({ module: syntax, node })));
        this.#reads.set(origin.node, reads);
      }
    }
  }

  /** The modules themselves. */
  get all(): readonly ModuleSyntax[] {
    return [...this.#input.modules.values()].map(({ syntax }) => syntax);
  }

  /** The variable that one stands for: of an import that of the other module, if it is known. */
  originOf(module: ModuleSyntax, variable: Variable): Site<Variable> | undefined {
    if (variable.kind !== "import") return { module, node: variable };
    const { outline } = this.#input.modules.get(module.path) ?? {};
    const link = outline?.imports.find(({ local }) => local === variable.name);
    const target = link?.from && this.#input.resolve(link.from, module.path);
    return target ? this.#exported(target, link.name) : undefined;
  }

  /** Where a variable is read, in whatever module. */
  readsOf(variable: Variable): readonly Site<NodeOf<"Identifier">>[] {
    return this.#reads.get(variable) ?? [];
  }

  /** Whether others than these modules may use a variable. */
  isEscaped(variable: Variable): boolean {
    return this.#escaped.has(variable);
  }

  /** The names of exports that are members of an object: who reads one may mean the export. */
  get openNames(): ReadonlySet<string> {
    return this.#openNames;
  }

  /** The class that another one extends: `null` for none, `undefined` for one of others. */
  baseOf({ module, node }: Site): Site | null | undefined {
    if (!isClass(node) || !node.superClass) return null;
    const variable = module.variables.at(node.superClass);
    const origin = variable && this.originOf(module, variable);
    const value = origin?.node.value;
    return origin && value && isClass(value) ? { module: origin.module, node: value } : undefined;
  }

  #exported(path: string, name: string, seen = new Set<string>()): Site<Variable> | undefined {
    const { syntax, outline } = this.#input.modules.get(path) ?? {};
    if (syntax === undefined || outline === undefined || seen.has(`${path} ${name}`)) {
      return undefined;
    }
    seen.add(`${path} ${name}`);
    const link = outline.exports.find(({ local }) => local === name);
    if (link?.from === null) {
      const variable = syntax.variables.top(link.name);
      return variable && this.originOf(syntax, variable);
    }
    if (link !== undefined) {
      const target = this.#input.resolve(link.from ?? "", path);
      return target === null ? undefined : this.#exported(target, link.name, seen);
    }
    const own = syntax.variables.all.find(({ exports }) => exports.includes(name));
    if (own !== undefined) return { module: syntax, node: own };
    for (const { from, exportsAll } of outline.wholes) {
      const target = exportsAll ? this.#input.resolve(from, path) : null;
      const found = target === null ? undefined : this.#exported(target, name, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What is imported while the code runs: by names that are taken of the module, or any. */
  #escapeImports({ path, program }: ModuleSyntax): void {
    for (const [{ source }, names] of importsIn(program)) {
      if (source.type !== "Literal") continue;
      for (const name of names ?? ["*"]) {
        if (name !== "*") this.#openNames.add(name);
        this.#escapeFrom(path, String(source.value), name);
      }
    }
  }

  #escapeFrom(importer: string, from: string | null, name = "*"): void {
    const target = from === null ? null : this.#input.resolve(from, importer);
    if (target !== null) this.#escape(target, name);
  }

  #escape(path: string, name: string): void {
    if (name !== "*") {
      const found = this.#exported(path, name);
      if (found !== undefined) this.#escaped.add(found.node);
      return;
    }
    const { syntax, outline } = this.#input.modules.get(path) ?? {};
    if (syntax === undefined || outline === undefined || this.#escapedModules.has(path)) return;
    this.#escapedModules.add(path);
    const names = [
      ...syntax.variables.all.flatMap(({ exports }) => exports),
      ...outline.exports.map(({ local }) => local),
    ];
    for (const each of names) {
      this.#openNames.add(each);
      this.#escape(path, each);
    }
    for (const { from, exportsAll } of outline.wholes) {
      if (exportsAll) this.#escapeFrom(path, from);
    }
  }
}
