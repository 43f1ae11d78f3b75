/**
 * What the library imports at its first use. In one file it is there from the start, so it is imported
 * from the start: a bundler wraps all that could be loaded later, and can leave out nothing of it.
 */
import {
  type AnyNode,
  isFunction,
  keyName,
  NAME,
  type NodeOf,
  parseModule,
  walk,
} from "./syntax_tree.ts";
import { edited, type TextEdit } from "./text_edits.ts";

/** The module that has them all. It comes first, so that classes are there for those that extend them. */
export const FIRST_USES = "gustnado:first_uses";

/** The modules that are imported at their first use. */
export class FirstUses {
  readonly #names = new Map<string, string>();

  /**
   * Has a module take them from {@linkcode FIRST_USES}.
   *
   * @param text The module.
   * @param resolve The path of the module that is imported; `null` if it is none of the library.
   */
  replaced(text: string, resolve: (specifier: string) => string | null): string {
    if (!text.includes("import(")) return text;
    const edits: TextEdit[] = [];
    const names = new Set<string>();
    for (const [node, wanted] of importsIn(parseModule(text))) {
      const path = resolve(specifierOf(node) ?? "");
      if (path === null) continue;
      const use = (name: string) => {
        const local = this.#nameOf(path, name);
        names.add(local);
        return local;
      };
      const value = wanted === null
        ? use("*")
        : `{ ${wanted.map((name) => `${name}: ${use(name)}`).join(", ")} }`;
      edits.push({ start: node.start, end: node.end, text: `Promise.resolve(${value})` });
    }
    if (names.size === 0) return text;
    return `${edited(text, edits)}\nimport { ${[...names].join(", ")} } from "${FIRST_USES}";\n`;
  }

  /** The text of {@linkcode FIRST_USES}. */
  get text(): string {
    return [...this.#names].map(([key, local]) => {
      const [name = "", path = ""] = key.split(" ", 2);
      return name === "*"
        ? `export * as ${local} from ${JSON.stringify(path)};\n`
        : `export { ${name} as ${local} } from ${JSON.stringify(path)};\n`;
    }).join("");
  }

  #nameOf(path: string, name: string): string {
    const key = `${name} ${path}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const local = `gustnadoFirstUse${this.#names.size}`;
    this.#names.set(key, local);
    return local;
  }
}

/**
 * The imports in some code that run when the code does, each with the names that are taken of the module;
 * `null` for any.
 */
export function importsIn(
  program: AnyNode,
): ReadonlyMap<NodeOf<"ImportExpression">, readonly string[] | null> {
  const found = new Map<NodeOf<"ImportExpression">, readonly string[] | null>();
  walk(program, (node) => {
    const taken = takenBy(node);
    if (taken !== null) found.set(taken.node, taken.names);
    if (node.type === "ImportExpression" && !found.has(node)) found.set(node, null);
  });
  return found;
}

/**
 * `const { fly } = await import("./kite.ts")`, `(await import("./kite.ts")).fly`,
 * `import("./kite.ts").then(({ fly }) => …)`
 */
function takenBy(
  node: AnyNode,
): { readonly node: NodeOf<"ImportExpression">; readonly names: readonly string[] } | null {
  if (node.type === "VariableDeclarator") {
    const { init }: { init?: AnyNode | null } = node;
    const awaited: AnyNode | null = init?.type === "AwaitExpression" ? init.argument : null;
    return taken(awaited, node.id);
  }
  if (node.type === "MemberExpression") {
    const { object }: { object: AnyNode } = node;
    const awaited: AnyNode | null = object.type === "AwaitExpression" ? object.argument : null;
    const name = keyName(node.property, node.computed);
    const isNamed = name !== null && name !== "default";
    return isNamed && awaited?.type === "ImportExpression"
      ? { node: awaited, names: [name] }
      : null;
  }
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return null;
  const [then] = node.arguments;
  const isThen = keyName(node.callee.property, node.callee.computed) === "then";
  return isThen && isFunction(then) ? taken(node.callee.object, then.params[0]) : null;
}

function taken(
  from: AnyNode | null,
  pattern: AnyNode | undefined,
): { readonly node: NodeOf<"ImportExpression">; readonly names: readonly string[] } | null {
  if (from?.type !== "ImportExpression" || pattern?.type !== "ObjectPattern") return null;
  const names = pattern.properties.map((each) =>
    each.type === "Property" ? keyName(each.key, each.computed) : null
  );
  const known = names.filter((name) => name !== null && NAME.test(name) && name !== "default");
  return known.length === names.length ? { node: from, names: known.map(String) } : null;
}

function specifierOf({ source }: NodeOf<"ImportExpression">): string | null {
  return source.type === "Literal" ? String(source.value) : null;
}
