/** Edits of several modules, which all come into effect together. */
import type { Span } from "../module_outline.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import type { AnyNode, NodeOf } from "../syntax_tree.ts";
import type { TextEdit } from "../text_edits.ts";

/** Edits of some modules. */
export class ModuleEdits {
  readonly #edits = new Map<string, TextEdit[]>();

  /** The edits, by the path of the module. */
  get all(): ReadonlyMap<string, readonly TextEdit[]> {
    return this.#edits;
  }

  /** Puts something in the place of a stretch: code of the module is named by where it stands. */
  replace(module: ModuleSyntax, { start, end }: Span, ...text: (string | Span)[]): void {
    const edits = this.#edits.get(module.path);
    if (edits === undefined) this.#edits.set(module.path, [{ start, end, text }]);
    else edits.push({ start, end, text });
  }

  /** Takes an item out of a list, with the comma behind it: behind the last one there may be one. */
  removeItem(module: ModuleSyntax, { start, end }: Span): void {
    const [comma = ""] = /^\s*,/.exec(module.text.slice(end, end + 100)) ?? [];
    this.replace(module, { start, end: end + comma.length });
  }

  /**
   * Puts a constant in the place of an expression. What is imported by an expression is left to the
   * runtime: a bundler would look for it.
   */
  fold({ module, node }: { module: ModuleSyntax; node: AnyNode }, constant: string): void {
    const parent = module.parentOf(node);
    if (parent?.type === "ImportExpression") return;
    if (parent?.type === "Property" && parent.shorthand && parent.value === node) {
      this.replace(module, parent, node, `: (${constant})`);
    } else this.replace(module, node, `(${constant})`);
  }

  /** Leaves of an assignment only what it assigns. */
  dropTarget(module: ModuleSyntax, { left, start, end }: NodeOf<"AssignmentExpression">): void {
    const behind = module.text.indexOf("=", left.end) + 1;
    this.replace(module, { start, end }, "(", { start: behind, end }, ")");
  }
}
