/** Rules by what their paths begin with. */

interface Node<T> {
  /** The rules that a path which leads here, and no further, may match; in their order. */
  candidates: readonly T[];
  readonly children: Map<string, Node<T>>;
}

/**
 * Narrows many rules down to the few that a path can match, without changing their order.
 *
 * Rules are put in a tree by the segments of the literal text that they begin with. A path is
 * followed down the tree as far as it goes; the node it ends at holds the rules found on the way, in
 * the order in which they were written, and the router tries those. So a hundred routes cost as much
 * as the depth of a path.
 */
export class RouteIndex<T> {
  readonly #root: Node<T>;

  /**
   * @param rules In their order.
   * @param begin What is known of the paths that a rule matches.
   */
  constructor(rules: readonly T[], begin: (rule: T) => PathBeginning) {
    const root: Building<T> = { own: [], children: new Map() };
    rules.forEach((rule, order) => insert(root, segments(begin(rule)), { order, rule }));
    this.#root = finish(root, []);
  }

  /** The rules that `path` may match, in their order. */
  candidates(path: string): readonly T[] {
    let node = this.#root;
    let start = 1;
    while (node.children.size > 0) {
      const slash = path.indexOf("/", start);
      const segment = slash === -1 ? path.slice(start) : path.slice(start, slash);
      const child = node.children.get(segment);
      if (child === undefined) break;
      node = child;
      if (slash === -1) break;
      start = slash + 1;
    }
    return node.candidates;
  }
}

/** What every path that a rule matches begins with, and whether it ends there too. */
export interface PathBeginning {
  readonly prefix?: string;
  readonly literal?: boolean;
}

interface Entry<T> {
  readonly order: number;
  readonly rule: T;
}

interface Building<T> {
  readonly own: Entry<T>[];
  readonly children: Map<string, Building<T>>;
}

/** The segments that are known whole: what stands behind the last slash of a prefix may go on. */
function segments({ prefix = "", literal = false }: PathBeginning): string[] {
  return prefix.split("/").slice(1, literal ? undefined : -1);
}

function insert<T>(root: Building<T>, path: readonly string[], entry: Entry<T>): void {
  let node = root;
  for (const segment of path) {
    let child = node.children.get(segment);
    if (child === undefined) node.children.set(segment, child = { own: [], children: new Map() });
    node = child;
  }
  node.own.push(entry);
}

function finish<T>(building: Building<T>, above: readonly Entry<T>[]): Node<T> {
  const entries = [...above, ...building.own].sort((a, b) => a.order - b.order);
  const children = new Map<string, Node<T>>();
  for (const [segment, child] of building.children) children.set(segment, finish(child, entries));
  return { candidates: entries.map((entry) => entry.rule), children };
}
