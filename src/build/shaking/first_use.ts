/**
 * What the library imports at its first use. In one file it is there from the start, so it is imported
 * from the start: a bundler wraps all that could be loaded later, and can leave out nothing of it.
 */
import { type AnyNode, parseModule, walk } from "./syntax_tree.ts";
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
    walk(parseModule(text), (node) => {
      const path = resolve(specifierOf(node) ?? "");
      if (path === null) return;
      const name = this.#nameOf(path);
      names.add(name);
      edits.push({ start: node.start, end: node.end, text: `Promise.resolve(${name})` });
    });
    if (names.size === 0) return text;
    return `${edited(text, edits)}\nimport { ${[...names].join(", ")} } from "${FIRST_USES}";\n`;
  }

  /** The text of {@linkcode FIRST_USES}. */
  get text(): string {
    return [...this.#names].map(([path, name]) =>
      `export * as ${name} from ${JSON.stringify(path)};\n`
    ).join("");
  }

  #nameOf(path: string): string {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const name = `gustnadoFirstUse${this.#names.size}`;
    this.#names.set(path, name);
    return name;
  }
}

function specifierOf(node: AnyNode): string | null {
  if (node.type !== "ImportExpression" || node.source.type !== "Literal") return null;
  return String(node.source.value);
}
