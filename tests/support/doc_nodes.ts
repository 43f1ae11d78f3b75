/** What `deno doc` knows of the public names, for tests that hold the documentation to its rules. */
import config from "../../deno.json" with { type: "json" };

/** A tag of a doc comment. */
interface Tag {
  readonly kind: string;
  readonly doc?: string;
}

interface DocComment {
  readonly doc?: string;
  readonly tags?: readonly Tag[];
}

interface Declaration {
  readonly kind: string;
  readonly location: { readonly filename: string };
  readonly jsDoc?: DocComment;
  readonly def?: object;
}

interface DocumentedModule {
  readonly module_doc?: DocComment;
  readonly symbols: readonly {
    readonly name: string;
    readonly declarations: readonly Declaration[];
  }[];
}

/** A public name: what its declarations are, and what is said of them. */
export interface PublicName {
  readonly name: string;
  /** Its file in the tree. */
  readonly file: string;
  readonly kinds: ReadonlySet<string>;
  /** The tags of all declarations: one of several overloads speaks for the others. */
  readonly tags: readonly Tag[];
  /** Its members, by paths such as `Application.prototype`, that are tagged as internal. */
  readonly internals: readonly string[];
  /** Of a class: the types of the house that its constructor takes. */
  readonly constructedOf: readonly string[];
}

/** A module that is imported by others: an entry of the package, or a namespace of one. */
export interface Door {
  /** Its file in the tree. */
  readonly file: string;
  /** The text of its page. */
  readonly text: string;
  readonly names: readonly PublicName[];
}

const ROOT = new URL("../../", import.meta.url);

/** The files of the entries of the package. */
export const ENTRIES: readonly string[] = Object.values(config.exports).map((path) =>
  path.replace(/^\.\//, "")
);

/** The files of the namespaces that the entries export. */
export const NAMESPACES: readonly string[] = [...new Set(ENTRIES.flatMap(namespacesOf))]
  .filter((file) => !ENTRIES.includes(file));

function namespacesOf(entry: string): string[] {
  const address = new URL(entry, ROOT);
  const matches = Deno.readTextFileSync(address).matchAll(/^export \* as \w+ from "(.+)"/gm);
  return [...matches].map(([, path = ""]) => inTree(new URL(path, address).href));
}

/** What is behind some modules. Each is asked for alone: of two that share a name, one has it. */
export function doors(files: readonly string[]): Promise<Door[]> {
  return Promise.all(files.map(door));
}

async function door(file: string): Promise<Door> {
  const args = ["doc", "--json", file];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, DocumentedModule>;
  };
  const module = nodes[new URL(file, ROOT).href];
  if (module === undefined) throw new Error(`deno doc says nothing of ${file}`);
  const names = module.symbols.map(({ name, declarations }) => publicName(name, declarations));
  return { file, text: module.module_doc?.doc ?? "", names };
}

function publicName(name: string, declarations: readonly Declaration[]): PublicName {
  return {
    name,
    file: inTree(declarations[0]?.location.filename ?? ""),
    kinds: new Set(declarations.map(({ kind }) => kind)),
    tags: declarations.flatMap(({ jsDoc }) => jsDoc?.tags ?? []),
    internals: declarations.flatMap((declaration) => [...internalsOf(declaration, name)]),
    constructedOf: declarations.flatMap(({ def }) => [...typesIn(constructorsOf(def))]),
  };
}

/** What the constructors of a class take. */
function constructorsOf(definition: object | undefined): unknown[] {
  const { constructors = [] } = (definition ?? {}) as { constructors?: { params: unknown }[] };
  return constructors.map(({ params }) => params);
}

/** The types in a part of a declaration that have a file; those of the language have none. */
function* typesIn(part: unknown): Generator<string> {
  if (typeof part !== "object" || part === null) return;
  const { typeName, resolution } = part as {
    typeName?: string;
    resolution?: { readonly kind: string };
  };
  const isOurs = resolution?.kind === "import" || resolution?.kind === "local";
  if (typeName !== undefined && isOurs) yield typeName;
  for (const child of Object.values(part)) yield* typesIn(child);
}

/** Walks whatever a declaration consists of: members, and theirs. */
function* internalsOf(part: unknown, path: string): Generator<string> {
  if (typeof part !== "object" || part === null) return;
  if (isInternal(part)) yield path;
  for (const child of Object.values(part)) {
    for (const each of Array.isArray(child) ? child : [child]) {
      yield* internalsOf(each, hasName(each) ? `${path}.${each.name}` : path);
    }
  }
}

function isInternal(part: object): boolean {
  const { jsDoc } = part as { jsDoc?: DocComment };
  return jsDoc?.tags?.some(({ kind }) => kind === "internal") ?? false;
}

/** Whether something is a member: it has a name, and a place in a file. */
function hasName(part: unknown): part is { readonly name: string } {
  return typeof part === "object" && part !== null && "name" in part && "location" in part;
}

function inTree(address: string): string {
  return address.startsWith(ROOT.href) ? address.slice(ROOT.href.length) : address;
}
