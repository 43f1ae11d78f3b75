import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { withGuess } from "../../src/build/guess.ts";
import { KeptResults } from "../../src/build/kept_results.ts";
import { BuildError } from "../../src/build/mod.ts";
import { BuiltApplication } from "../support/built.ts";

const isText = (value: unknown): value is string => typeof value === "string";

/** What the application has depends on what its import finds; its bundle finds nothing. */
const MODES = `import { Application, RequestHandler } from "@gustnado/gustnado";
import { greeting } from "./greeting.ts";
class Home extends RequestHandler {
  override get() {
    return this.render("page.html", { greeting });
  }
}
let templatePath = "plain";
try {
  templatePath = Deno.readTextFileSync("mode.txt");
} catch {
  // As it is.
}
export default new Application([["/", Home]], { templatePath });
`;

const FILES = {
  "app.ts": MODES,
  "greeting.ts": 'export const greeting = "Hello";',
  "mode.txt": "plain",
  "plain/page.html": "{{ greeting }}",
  "loud/page.html": "{{ greeting }}!",
  "loud/more.html": "",
};

Deno.test("a second build makes the same of what has not changed", async () => {
  await using application = await BuiltApplication.write(FILES);
  const first = await application.build();
  const text = await application.bundle();
  const { duration: _, ...second } = await application.build();
  const { duration: __, ...same } = first;
  assertEquals(second, same);
  assertEquals(await application.bundle(), text);
});

const CHANGES: readonly [what: string, path: string, text: string, page: string][] = [
  ["a template", "plain/page.html", "<{{ greeting }}>", "<Hello>"],
  ["a module", "greeting.ts", 'export const greeting = "Bye";', "Bye"],
  ["the application", "app.ts", MODES.replace('l", { greeting }', 'l", { greeting: "Ho" }'), "Ho"],
];

for (const [what, path, text, page] of CHANGES) {
  Deno.test(`a second build sees that ${what} has changed`, async () => {
    await using application = await BuiltApplication.write(FILES);
    await application.build();
    await application.build();
    await application.put(path, text);
    await application.build();
    assertEquals((await application.get("/")).text, page);
  });
}

Deno.test("a second build has of the library what the application has come to name", async () => {
  await using application = await BuiltApplication.write(FILES);
  const { leftOut } = await application.build();
  assert(leftOut.includes("RequestHandler.getArgument"));
  const line = "    return this.render";
  await application.put(
    "app.ts",
    MODES.replace(line, `    this.getArgument("page", "");\n${line}`),
  );
  assert(!(await application.build()).leftOut.includes("RequestHandler.getArgument"));
  assertEquals((await application.get("/")).text, "Hello");
});

Deno.test("a second build imports the application again, for what it finds may have changed", async () => {
  await using application = await BuiltApplication.write(FILES);
  assertEquals((await application.build()).templates, 1);
  await application.put("mode.txt", "loud");
  assertEquals((await application.build()).templates, 2);
  await application.put("mode.txt", "none");
  await assertRejects(() => application.build(), BuildError, "there is no folder");
  await application.put("mode.txt", "plain");
  assertEquals((await application.build()).templates, 1);
  assertEquals((await application.get("/")).text, "Hello");
});

Deno.test("a second build goes by a deno.json that has changed", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { word } from "word";
export default { fetch: () => new Response(word) };
`,
    "deno.json": '{ "imports": { "word": "./a.ts" } }',
    "a.ts": 'export const word = "a";',
    "b.ts": 'export const word = "b";',
  });
  const options = { config: `${application.folder}/deno.json` };
  await application.build(options);
  await application.put("deno.json", '{ "imports": { "word": "./b.ts" } }');
  await application.build(options);
  assertEquals((await application.get("/")).text, "b");
});

Deno.test("a result is kept as long as its files are as they were", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  const [file, absent] = [`${folder}/a.txt`, `${folder}/b.txt`];
  await Deno.writeTextFile(file, "a");
  const kept = `${folder}/kept.json`;
  const results = new KeptResults(kept);
  results.keep("one", "key", "made", { files: [file, absent], since: Date.now() + 1000 });
  assertEquals(results.get("one", isText), { key: "key", result: "made" });
  results.save();
  const again = new KeptResults(kept);
  assertEquals(again.get("one", isText), { key: "key", result: "made" });
  assertEquals(again.get("two", isText), undefined);
  await Deno.writeTextFile(absent, "");
  again.begin();
  assertEquals(again.get("one", isText), undefined);
  await Deno.remove(absent);
  again.begin();
  assertEquals(again.get("one", isText)?.result, "made");
  await Deno.writeTextFile(file, "ab");
  again.begin();
  assertEquals(again.get("one", isText), undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a result is not kept if a file may have changed since it was read", async () => {
  const file = await Deno.makeTempFile({ prefix: "gustnado-" });
  const results = new KeptResults(null);
  results.keep("one", "key", "made", { files: [file], since: Date.now() - 60_000 });
  assertEquals(results.get("one", isText), undefined);
  await Deno.remove(file);
});

Deno.test("what is no file of results is passed over", async () => {
  const file = await Deno.makeTempFile({ prefix: "gustnado-" });
  for (
    const text of [
      "",
      "{",
      "5",
      '[["one"]]',
      '[["one",{"key":1}]]',
      '[["one",{"key":"","stamps":5}]]',
    ]
  ) {
    await Deno.writeTextFile(file, text);
    assertEquals(new KeptResults(file).get("one", isText), undefined, text);
  }
  await Deno.remove(file);
});

Deno.test("work goes by a guess that holds, and again by the fact if it does not", async () => {
  const seen: string[] = [];
  const work = (fact: string) => {
    seen.push(fact);
    return fact === "bad"
      ? Promise.reject(new RangeError(fact))
      : Promise.resolve(`made of ${fact}`);
  };
  const asked = (fact: string) => Promise.resolve(fact);
  assertEquals(await withGuess(asked("a"), undefined, work), "made of a");
  assertEquals(await withGuess(asked("b"), "b", work), "made of b");
  assertEquals(await withGuess(asked("c"), "bad", work), "made of c");
  assertEquals(seen, ["a", "b", "bad", "c"]);
  await assertRejects(() => withGuess(asked("bad"), "bad", work), RangeError);
  const error = await assertRejects(
    () => withGuess(Promise.reject(new TypeError("asked")), "bad", work),
    TypeError,
  );
  assertMatch(error.message, /asked/);
});
