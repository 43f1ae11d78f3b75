import { type BlockNode, bodiesOf, type TemplateFile, type TemplateNode } from "./nodes.ts";

/** Finds the file that a name stands for, seen from the file that names it. */
export type FileResolver = (name: string, from: TemplateFile, line: number) => TemplateFile;

/** A block, and the file it stands in, whose escaping it keeps. */
export interface NamedBlock {
  readonly node: BlockNode;
  readonly file: TemplateFile;
}

/** What a page is made of once its inheritance is resolved. */
export interface Page {
  /** The file at the root of the inheritance: the one that is rendered. */
  readonly root: TemplateFile;
  /** The block that counts for each name. */
  readonly blocks: ReadonlyMap<string, NamedBlock>;
}

/** A chain longer than this extends itself, or might as well. */
const MAX_ANCESTORS = 100;

/**
 * Resolves `{% extends %}`: a block of a descendant replaces that of its ancestors.
 *
 * @param file The file to render.
 * @param resolve Finds the other files.
 * @throws {ParseError} When a file extends itself.
 */
export function resolveInheritance(file: TemplateFile, resolve: FileResolver): Page {
  const chain = ancestry(file, resolve);
  const blocks = new Map<string, NamedBlock>();
  for (const each of chain.toReversed()) new BlockFinder(blocks, resolve).find(each.body, each);
  return { root: chain.at(-1) ?? file, blocks };
}

function ancestry(file: TemplateFile, resolve: FileResolver): TemplateFile[] {
  const chain = [file];
  for (let at = file; at.parent !== undefined;) {
    const { name, line } = at.parent;
    const parent = resolve(name, at, line);
    if (chain.includes(parent) || chain.length === MAX_ANCESTORS) {
      const path = [...chain, parent].map((each) => each.source.name).join(" → ");
      throw at.source.error(`Template "${file.source.name}" extends itself: ${path}`, line);
    }
    chain.push(parent);
    at = parent;
  }
  return chain;
}

/** Collects the blocks of a file and of the files it includes; later ones replace earlier ones. */
class BlockFinder {
  readonly #blocks: Map<string, NamedBlock>;
  readonly #resolve: FileResolver;
  /** Every file once: what is included again has the same blocks. */
  readonly #seen = new Set<TemplateFile>();

  constructor(blocks: Map<string, NamedBlock>, resolve: FileResolver) {
    this.#blocks = blocks;
    this.#resolve = resolve;
  }

  find(nodes: readonly TemplateNode[], file: TemplateFile): void {
    for (const node of nodes) {
      if (node.type === "block") this.#blocks.set(node.name, { node, file });
      if (node.type === "include") this.#include(this.#resolve(node.name, file, node.line));
      for (const body of bodiesOf(node)) this.find(body, file);
    }
  }

  #include(file: TemplateFile): void {
    if (this.#seen.has(file)) return;
    this.#seen.add(file);
    this.find(file.body, file);
  }
}
