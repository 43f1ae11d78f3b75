/** A module of the library as a tree, with its variables and with what stands around each node. */
import {
  type AnyNode,
  childrenOf,
  isClass,
  keyName,
  parseModule,
  type Program,
} from "../syntax_tree.ts";
import { Variables } from "./variables.ts";

/** See {@linkcode ModuleSyntax.classOf}. */
type ClassNode = Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>;

/** A module. */
export class ModuleSyntax {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly variables: Variables;
  /** All nodes, the outer ones first. */
  readonly nodes: readonly AnyNode[];
  readonly #parents = new Map<AnyNode, AnyNode>();
  readonly #privateNames = new Map<AnyNode, ReadonlySet<string>>();

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.program = parseModule(text);
    this.variables = new Variables(this.program);
    const nodes: AnyNode[] = [];
    const visit = (node: AnyNode) => {
      nodes.push(node);
      for (const child of childrenOf(node)) {
        this.#parents.set(child, node);
        visit(child);
      }
    };
    visit(this.program);
    this.nodes = nodes;
  }

  /** What a node stands in. */
  parentOf(node: AnyNode): AnyNode | undefined {
    return this.#parents.get(node);
  }

  /** The class around a node. */
  classOf(node: AnyNode): ClassNode | undefined {
    for (let at = this.parentOf(node); at !== undefined; at = this.parentOf(at)) {
      if (isClass(at)) return at;
    }
    return undefined;
  }

  /** A private name with its class, so that it is told from the same name in others. */
  privateKey(node: AnyNode, name: string): string {
    let owner = this.classOf(node);
    while (owner !== undefined && !this.#privateNamesOf(owner).has(name)) {
      owner = this.classOf(owner);
    }
    return `${this.path}:${owner?.start}${name}`;
  }

  #privateNamesOf(owner: ClassNode): ReadonlySet<string> {
    const known = this.#privateNames.get(owner);
    if (known !== undefined) return known;
    const names = new Set(
      owner.body.body.flatMap((member) =>
        "key" in member && member.key ? keyName(member.key, member.computed) ?? [] : []
      ),
    );
    this.#privateNames.set(owner, names);
    return names;
  }
}
