/** CONFORMANCE.md against the sources, and against Python's Tornado. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { serviceTest } from "../support/services.ts";
import { runPython } from "../support/tornado.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = Deno.readTextFileSync(new URL("CONFORMANCE.md", ROOT));

/** The standards that a comment may name. */
const STANDARD =
  /RFC \d+(?:bis)?|NIST SP [\d-]+[A-Z]?|OpenID Connect (?:Core|Discovery|RP-Initiated Logout)|WHATWG \w+|BCP \d+|Standard Schema|JSON-RPC 2\.0|TC39|CSP \d|CLDR|ISO 8601|draft-ietf-[\w-]+/g;

/** The same, with the sections that it is cited with. */
const CITATION = new RegExp(
  `(${STANDARD.source})(?: 1\\.0)?((?:\\(?(?:,| and| to)?(?: \\()?(?: )?§[\\d.]*\\d)*)`,
  "g",
);

/** The rows of a table below a heading, by their cells. */
function rowsBelow(heading: string): string[][] {
  const [, section = ""] = PAGE.split(`\n## ${heading}\n`);
  const [, rows = ""] = /\n\|[- |]+\|\n((?:\|.*\n)+)/.exec(section) ?? [];
  return rows.trimEnd().split("\n").map((row) =>
    row.slice(1, -1).split("|").map((cell) => cell.trim())
  );
}

/** All sources below a path of `src/`, one after the other, each text on one line. */
function textOf(path: string): string {
  const address = new URL(path, new URL("src/", ROOT));
  if (Deno.statSync(address).isFile) {
    return Deno.readTextFileSync(address).replace(/\n\s*(?:\*|\/\/)? ?/g, " ");
  }
  return [...Deno.readDirSync(address)]
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith(".ts"))
    .map(({ name, isDirectory }) => textOf(path + name + (isDirectory ? "/" : "")))
    .join("\n");
}

function sectionsOf(text: string): string[] {
  return text.match(/§[\d.]*\d/g) ?? [];
}

function pathsOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
}

/** Each standard, with the sections that go with its name. */
function cited(): Map<string, Set<string>> {
  const sections = new Map<string, Set<string>>();
  for (const [, name = "", rest = ""] of textOf("").matchAll(CITATION)) {
    const known = sections.get(name) ?? new Set();
    sections.set(name, known);
    for (const section of sectionsOf(rest)) known.add(section);
  }
  return sections;
}

/** Each standard, with the sections that the table has, in rows that may be several. */
function listed(): Map<string, Set<string>> {
  const sections = new Map<string, Set<string>>();
  for (const [standard = "", cell = ""] of rowsBelow("Standards")) {
    for (const name of standard.match(STANDARD) ?? []) {
      sections.set(name, (sections.get(name) ?? new Set()).union(new Set(sectionsOf(cell))));
    }
  }
  return sections;
}

Deno.test("every standard that a comment names has a row, and every row is one", () => {
  assertGreater(listed().size, 50);
  assertEquals([...listed().keys()].sort(), [...cited().keys()].sort());
});

Deno.test("every section that a comment cites stands in the row of its standard", () => {
  const table = listed();
  const missing = [...cited()].flatMap(([name, sections]) =>
    [...sections.difference(table.get(name) ?? new Set())].map((section) => `${name} ${section}`)
  );
  assertEquals(missing, []);
});

Deno.test("modules of a row name its standard and all of its sections, and its tests are there", () => {
  for (const [standard = "", sections = "", held = "", proved = ""] of rowsBelow("Standards")) {
    const names = standard.match(STANDARD) ?? [];
    const texts = pathsOf(held).map((path) => [path, textOf(path)] as const);
    assertGreater(texts.length, 0, standard);
    const strangers = texts.filter(([, text]) => !names.some((name) => text.includes(name)));
    assertEquals(strangers.map(([path]) => path), [], standard);
    const found = new Set(texts.flatMap(([, text]) => sectionsOf(text)));
    assertEquals(sectionsOf(sections).filter((section) => !found.has(section)), [], standard);
    assertGreater(pathsOf(proved).length, 0, standard);
    for (const path of pathsOf(proved)) Deno.statSync(new URL(`tests/${path}`, ROOT));
  }
});

/** The public names of Tornado's modules, each with the public members that its class defines. */
const PUBLIC_NAMES = `
import importlib, inspect, tornado
names = {}
for module in input:
    found = importlib.import_module("tornado." + module)
    names[module] = {
        name: [key for key, value in vars(thing).items() if not key.startswith("_")
            and (callable(value) or isinstance(value, (property, classmethod, staticmethod)))]
            if inspect.isclass(thing) else []
        for name, thing in vars(found).items()
        if not name.startswith("_") and name not in ("doctests", "main")
            and callable(thing) and getattr(thing, "__module__", None) == found.__name__
    }
output = [tornado.version, list(names.items())]
`;

/** A name as it is compared: `get_argument` is `getArgument`. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** The words of the sources' code, or of their doors alone. */
function words(filter: (name: string) => boolean, folder = new URL("src/", ROOT)): Set<string> {
  const found = new Set<string>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) {
      for (const word of words(filter, new URL(`${name}/`, folder))) found.add(word);
    } else if (name.endsWith(".ts") && filter(name)) {
      const code = Deno.readTextFileSync(new URL(name, folder))
        .replace(/\/\*[^]*?\*\/|^\s*\/\/.*$|"[^"\n]*"/gm, "");
      for (const word of code.match(/\w+/g) ?? []) found.add(plain(word));
    }
  }
  return found;
}

serviceTest(
  "python3-tornado",
  "every public name of Tornado is here, or the page says not",
  async () => {
    const rows = rowsBelow("Tornado");
    const modules = rows.flatMap(([cell = ""]) => cell.split(", "));
    const output = await runPython(PUBLIC_NAMES, modules);
    assert(Array.isArray(output));
    const [version, pairs] = output as [string, [string, Record<string, string[]>][]];
    const theirs = new Map(pairs);
    const exported = words((name) => name === "mod.ts");
    const known = words(() => true);
    for (const [cell = "", count = "", absent = ""] of rows) {
      const names = cell.split(", ").flatMap((module) => Object.entries(theirs.get(module) ?? {}));
      const here = names.filter(([name]) => exported.has(plain(name)));
      const missing = new Set([
        ...names.filter((entry) => !here.includes(entry)).map(([name]) => name),
        ...here.flatMap(([name, members]) =>
          members.filter((member) => !known.has(plain(member))).map((member) => `${name}.${member}`)
        ),
      ]);
      const said: readonly string[] = absent.match(/[\w.]+/g) ?? [];
      assertEquals([...missing].filter((name) => !said.includes(name)), [], cell);
      // The page counts by one version: another one may have fewer names, or more.
      if (!PAGE.includes(`Tornado ${version} `)) continue;
      assertEquals(
        [count, said.toSorted()],
        [`${here.length} of ${names.length}`, [...missing].sort()],
        cell,
      );
    }
  },
);
