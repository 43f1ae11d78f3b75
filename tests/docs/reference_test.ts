import { assertEquals } from "@std/assert";
import { type Door, doors, ENTRIES, NAMESPACES, type PublicName } from "../support/doc_nodes.ts";

/** What `@category` may say, in the order of the table of contents in `mod.ts`. */
const CATEGORIES: readonly string[] = [
  "Applications and routes",
  "Handlers",
  "Requests and responses",
  "Cookies and sessions",
  "Log-in",
  "Templates and pages",
  "Static files",
  "WebSockets and event streams",
  "Topics",
  "Middleware",
  "HTTP client",
  "Event loop",
  "Locks and queues",
  "Sockets",
  "Text and languages",
  "Options",
  "Logging",
  "Servers and runtimes",
];

/** What stands beside the core has chapters of its own, on its own page. */
const BESIDE: readonly string[] = ["Testing", "Workers"];

const entries = await doors(ENTRIES);
const namespaces = await doors(NAMESPACES);
const names = [...entries, ...namespaces].flatMap((door) => door.names);

function categoriesOf({ tags }: PublicName): string[] {
  return tags.filter(({ kind }) => kind === "category").map(({ doc = "" }) => doc.trim());
}

/** A name that a table of contents has to hold. Types are found from what takes them. */
function isListed({ kinds, tags }: PublicName): boolean {
  const isBig = ["class", "function", "namespace"].some((kind) => kinds.has(kind));
  return isBig && !tags.some(({ kind }) => kind === "internal");
}

function linksOf(text: string): string[] {
  return [...text.matchAll(/\{@linkcode (\w+)\}/g)].map(([, name = ""]) => name);
}

/** The parts of a page by their headings; a page without has one. */
function chaptersOf({ text }: Door): { readonly title: string; readonly text: string }[] {
  const [, ...chapters] = text.split(/^## /m);
  return chapters.map((chapter) => ({ title: chapter.split("\n", 1)[0] ?? "", text: chapter }));
}

Deno.test("every public name has one category, out of a known list", () => {
  const astray = names.filter((each) => !each.tags.some(({ kind }) => kind === "internal"))
    .filter((each) => {
      const [category = "", ...others] = new Set(categoriesOf(each));
      return ![...CATEGORIES, ...BESIDE].includes(category) || others.length > 0;
    });
  const shown = astray.map((each) => `${each.file}: ${each.name} [${categoriesOf(each)}]`);
  assertEquals([...new Set(shown)].sort(), []);
});

Deno.test("nothing internal is in the reference", () => {
  const visible = new Set(names.flatMap(({ internals }) => internals));
  assertEquals([...visible].sort(), []);
});

Deno.test("a constructor takes what is public, too", () => {
  const known = new Set(names.map(({ name }) => name));
  const astray = names.flatMap(({ name, constructedOf }) =>
    constructedOf.filter((type) => !known.has(type)).map((type) => `${name}: ${type}`)
  );
  assertEquals([...new Set(astray)].sort(), []);
});

Deno.test("mod.ts opens on a table of contents: every category, in order", () => {
  const main = entries.find(({ file }) => file === "mod.ts");
  assertEquals(main && chaptersOf(main).map(({ title }) => title), CATEGORIES);
});

for (const door of entries) {
  Deno.test(`the page of ${door.file} puts names under their categories`, () => {
    const wrong = chaptersOf(door).flatMap(({ title, text }) =>
      linksOf(text).filter((link) => {
        const target = door.names.find(({ name }) => name === link);
        return target === undefined || !categoriesOf(target).includes(title);
      })
    );
    assertEquals(wrong, []);
  });
}

// What is new has to be seen from its own door; `mod.ts` names what matters.
for (const door of entries.filter(({ file }) => file !== "mod.ts")) {
  Deno.test(`the page of ${door.file} names every class and function behind it`, () => {
    const linked = new Set(linksOf(door.text));
    const missing = door.names.filter((each) => isListed(each) && !linked.has(each.name));
    assertEquals(missing.map(({ name }) => name).sort(), []);
  });
}

Deno.test("every link on the first page of the HTML leads somewhere", async () => {
  const output = await Deno.makeTempDir();
  try {
    const args = ["doc", "--html", "--name=gustnado", `--output=${output}`, "mod.ts"];
    const cwd = new URL("../../", import.meta.url);
    await new Deno.Command(Deno.execPath(), { args, cwd, stdout: "null" }).output();
    const page = await Deno.readTextFile(`${output}/index.html`);
    const links = [...page.matchAll(/href="\.(?:\/|&#x2F;)\.\/~\/(\w+)\.html"/g)]
      .map(([, name = ""]) => name);
    const pages = new Set([...Deno.readDirSync(`${output}/~`)].map(({ name }) => name));
    assertEquals(links.length > 100, true, `only ${links.length} links`);
    assertEquals(links.filter((name) => !pages.has(`${name}.html`)), []);
  } finally {
    await Deno.remove(output, { recursive: true });
  }
});
