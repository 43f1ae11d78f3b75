import { assertEquals } from "@std/assert";
import * as middleware from "../../src/web/middleware/mod.ts";

const ROOT = new URL("../../", import.meta.url);

/** The documents for maintainers and users, whose words have to be true. */
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
  "CONFORMANCE.md",
  "tests/REGRESSIONS.md",
  "tests/bench/README.md",
  "src/platform/README.md",
  ...[...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`),
].filter((document) => document.endsWith(".md") && exists(document));

/** Where a path may start that stands in a document, besides its own folder. */
const BASES = ["", "src/", "tests/", "tests/support/"];

function exists(path: string, base: string | URL = ROOT): boolean {
  try {
    Deno.statSync(new URL(path, base));
    return true;
  } catch {
    return false;
  }
}

/** The names of all files, by which a document may call one that its table or sentence is about. */
function fileNames(): readonly string[] {
  const names: string[] = [];
  const read = (folder: URL) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (!isDirectory) names.push(name);
      else if (name !== "node_modules") read(new URL(`${name}/`, folder));
    }
  };
  for (const folder of ["src/", "tests/", "examples/", "docs/"]) read(new URL(folder, ROOT));
  return names;
}

/** A document without its programs, which run in tests of their own. */
function prose(document: string): string {
  return Deno.readTextFileSync(new URL(document, ROOT)).replace(/^```[^]*?^```/gm, "");
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

/** Every word that the sources and the tests consist of. */
function vocabulary(): ReadonlySet<string> {
  const words = new Set<string>();
  const read = (folder: URL) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const address = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory && name !== "node_modules") read(address);
      else if (/\.(ts|js|json)$/.test(name)) collect(address);
    }
  };
  const collect = (file: URL) => {
    for (const word of Deno.readTextFileSync(file).match(/[\w$]+/g) ?? []) words.add(word);
  };
  for (const folder of ["src/", "tests/", "examples/"]) read(new URL(folder, ROOT));
  for (const file of ["mod.ts", "deno.json"]) collect(new URL(file, ROOT));
  return words;
}

for (const document of DOCUMENTS) {
  Deno.test(`every link of ${document} leads somewhere`, () => {
    const links = matches(prose(document), /\]\(([^)#\s]+)[^)]*\)/g)
      .filter((link) => !/^[a-z]+:/.test(link));
    assertEquals(links.filter((link) => !exists(link, new URL(document, ROOT))), []);
  });

  Deno.test(`every path in ${document} is there`, () => {
    const paths = matches(prose(document), /`((?:[\w.-]+\/)*[\w.-]+(?:\.(?:ts|md|json)|\/))`/g);
    const bases = [new URL(document, ROOT), ...BASES.map((base) => new URL(base, ROOT))];
    const isFile = (path: string) =>
      !path.includes("/") && fileNames().some((name) => name.endsWith(path));
    const isThere = (path: string) => bases.some((base) => exists(path, base)) || isFile(path);
    assertEquals(paths.filter((path) => !isThere(path)), []);
  });

  Deno.test(`every name in ${document} is one of the code's`, () => {
    const words = vocabulary();
    const names = matches(prose(document), /`(?:this\.|app\.)?([A-Za-z]\w*(?:\.\w+)*)(?:\(\))?`/g)
      .filter((name) => /[a-z][A-Z]|^[A-Z]\w+[a-z]/.test(name));
    const unknown = names.filter((name) => !name.split(".").every((part) => words.has(part)));
    assertEquals(unknown, []);
  });
}

Deno.test("every middleware is in the README and in the guide", async () => {
  const names = Object.keys(middleware).filter((name) => /^[a-z]/.test(name))
    .filter((name) => name !== "takeToken"); // what a store of one's own counts with
  for (const page of ["README.md", "docs/protection.md"]) {
    const text = await Deno.readTextFile(new URL(`../../${page}`, import.meta.url));
    assertEquals(names.filter((name) => !text.includes(`\`${name}\``)), [], page);
  }
});
