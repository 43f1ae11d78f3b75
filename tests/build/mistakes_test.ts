import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { build, BuildError, type BuildOptions } from "../../src/build/mod.ts";
import { BuiltApplication } from "../support/built.ts";

const EMPTY = `import { Application } from "@gustnado/gustnado";
export default new Application();
`;

interface Mistake {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: Partial<BuildOptions>;
  readonly message: RegExp;
}

const LISTENING = "app.listen(0);\nexport default app;\n";

const withSettings = (settings: string) =>
  `import { Application } from "@gustnado/gustnado";
export default new Application([], ${settings});
`;

const withHandler = (body: string) =>
  `import { Application, DictLoader, RequestHandler, Template, template } from "@gustnado/gustnado";
class Page extends RequestHandler {
  override get() {
    ${body};
  }
}
export default new Application([["/", Page]]);
`;

const MISTAKES: readonly Mistake[] = [
  { name: "a missing module", files: {}, message: /^Cannot build app\.ts: there is no such file$/ },
  {
    name: "a folder in place of a module",
    files: { "app.ts/index.ts": EMPTY },
    message:
      /^Cannot build app\.ts: it is no file; name the module whose default export is the applic/,
  },
  {
    name: "a folder that would be below a file",
    options: { out: "app.ts/deep/dist" },
    message: /^Cannot build into .*\/app\.ts\/deep\/dist: .*\/app\.ts is no folder; name another$/,
  },
  {
    name: "a folder that cannot be made",
    options: { out: "/dev/null/dist" },
    message: /^Cannot build into \/dev\/null\/dist: \/dev\/null is no folder; name another$/,
  },
  {
    name: "an import that leads nowhere",
    files: { "app.ts": `import "./gone.ts";\n${EMPTY}` },
    message: /^Cannot build app\.ts:1:8: Could not resolve "\.\/gone\.ts"$/,
  },
  {
    name: "a name that is not in the import map",
    files: { "app.ts": `import "left-pad";\n${EMPTY}` },
    message: /^Cannot resolve "left-pad" in .*\/app\.ts:1:8: .*not.*import/,
  },
  {
    name: "a module that is none",
    files: { "app.ts": "export default {" },
    message: /^Cannot build .*\/app\.ts:1:17: Expected identifier but found end of file$/,
  },
  {
    name: "an export that is not there",
    files: {
      "app.ts": `import { Aplication } from "@gustnado/gustnado";\nexport default Aplication;\n`,
    },
    message: /^Cannot build app\.ts:1:10: No matching export .*"Aplication"$/,
  },
  {
    name: "a module without an application",
    files: { "app.ts": "export const a = 1;\n" },
    message:
      /^Cannot build app\.ts: its default export is no application; write `export default new Appl/,
  },
  {
    name: "an application under another name",
    files: { "app.ts": EMPTY.replace("export default", "export const app =") },
    message: /no application; it exports one as "app", write `export default app`$/,
  },
  {
    name: "a module that fails",
    files: { "app.ts": `throw new RangeError("too windy");\n${EMPTY}` },
    message: /^Cannot build app\.ts: importing it failed: RangeError: too windy/,
  },
  {
    name: "a file that is read beside a module",
    files: {
      "app.ts": `Deno.readTextFileSync(new URL("./wind.txt", import.meta.url));\n${EMPTY}`,
      "wind.txt": "A gust",
    },
    message:
      /importing it failed: NotFound: .*; a bundle has no files but .* import what it reads, w/,
  },
  {
    name: "a file that is read beside a module as Node does",
    files: {
      "app.ts": `import { readFileSync } from "node:fs";
readFileSync(\`\${import.meta.dirname}/wind.txt\`);
${EMPTY}`,
      "wind.txt": "A gust",
    },
    message:
      /importing it failed: Error: ENOENT.*; a bundle has no files but .* import what it reads, /,
  },
  {
    name: "a module that ends the process",
    files: { "app.ts": `Deno.exit(3);\n${EMPTY}` },
    message: /^Cannot build app\.ts: it has ended the process with code 3$/,
  },
  {
    name: "a module that ends the process with a word",
    files: {
      "app.ts":
        `import process from "node:process";\nconsole.error("no token");\nprocess.exit(0);\n${EMPTY}`,
    },
    message: /^Cannot build app\.ts: it has ended the process with code 0: no token$/,
  },
  {
    name: "a module that listens",
    files: { "app.ts": `Deno.serve(() => new Response());\n${EMPTY}` },
    message:
      /importing it failed: Error: an application that is built must not listen when it is imported/,
  },
  ...(["workers", "bun", "node"] as const).map((target): Mistake => ({
    name: `an application for ${target} that listens`,
    files: { "app.ts": EMPTY.replace("export default", "const app =") + LISTENING },
    options: { target },
    message:
      /failed: Error: an application that is built must not listen when it is imported; write `if/,
  })),
  {
    name: "a module that takes too long",
    files: { "app.ts": `await new Promise((resolve) => setTimeout(resolve, 60_000));\n${EMPTY}` },
    options: { timeout: 1500 },
    message: /^Cannot build app\.ts: importing it took longer than 1500 ms/,
  },
  {
    name: "a setting that is none",
    files: { "app.ts": withSettings('{ templatePaht: "x" }') },
    message:
      /importing it failed: TypeError: Unknown setting "templatePaht": did you mean "templatePath"/,
  },
  {
    name: "a folder of templates that is not there",
    files: { "app.ts": withSettings('{ templatePath: "pages" }') },
    message: /^Cannot compile the templates in "pages": there is no folder .*\/pages; make it/,
  },
  {
    name: "a malformed template",
    files: { "app.ts": withSettings('{ templatePath: "pages" }'), "pages/a.html": "ok\n{% if %}" },
    message: /^Cannot compile .*\/pages\/a\.html:2: /,
  },
  {
    name: "a template that extends one that is not there",
    files: {
      "app.ts": withSettings('{ templatePath: "pages" }'),
      "pages/a.html": '{% extends "bsae.html" %}',
      "pages/base.html": "",
    },
    message: /^Cannot compile .*\/pages\/a\.html:1: .*Did you mean "base\.html"\?$/,
  },
  {
    name: "templates that a function escapes",
    files: {
      "app.ts": withSettings('{ templatePath: "pages", autoescape: (text: string) => text }'),
      "pages/a.html": "",
    },
    message: /^Cannot compile the templates in .*: autoescape is a function; name a function/,
  },
  {
    name: "static files that are not there",
    files: { "app.ts": withSettings('{ staticPath: "files" }') },
    message: /^Cannot embed .*\/files: it is no folder that can be read; make it, or name another$/,
  },
  {
    name: "a loader of texts that Workers would have to compile",
    files: { "app.ts": withHandler('this.write(new DictLoader({ a: "b" }).load("a").generate())') },
    options: { target: "workers" },
    message:
      /^Cannot build app\.ts for Workers: it uses a DictLoader that is made while it runs; make it at the/,
  },
  {
    name: "a template that Workers would have to compile",
    files: { "app.ts": withHandler('this.write(new Template("a").generate())') },
    options: { target: "workers" },
    message:
      /^Cannot build app\.ts for Workers: it uses a Template that is made while it runs; make it/,
  },
  {
    name: "a compiler that Workers do not have",
    files: { "app.ts": withHandler('this.write(template.compile("a"))') },
    options: { target: "workers" },
    message:
      /^Cannot build app\.ts for Workers: it uses template\.compile while it runs; make it at the/,
  },
  {
    name: "a malformed template of a DictLoader",
    files: {
      "app.ts": `${withHandler("this.write(typeof loader)")}
const loader = new DictLoader({ "a.html": "", "b.html": "ok\\n{% if %}" });
`,
    },
    options: { target: "workers" },
    message:
      /^Cannot compile template "b\.html" of a DictLoader, line 2: if missing condition; Write/,
  },
  {
    name: "a DictLoader whose texts a function escapes",
    files: {
      "app.ts": `${withHandler("this.write(typeof loader)")}
const loader = new DictLoader({ "a.html": "" }, { autoescape: (text) => text });
`,
    },
    options: { target: "workers" },
    message:
      /^Cannot compile the DictLoader of "a\.html": autoescape is a function; name a function of/,
  },
  {
    name: "a fetch function for Node",
    files: { "app.ts": "export default { fetch: () => new Response() };\n" },
    options: { target: "node" },
    message: /^Cannot build .*app\.ts for Node: its default export has no listen\(\)/,
  },
  {
    name: "a folder of static files where only Workers serve one",
    files: { "app.ts": EMPTY },
    options: { assetsIn: "folder" },
    message: /^Cannot put static files into a folder: only Workers serve one beside a bundle$/,
  },
];

for (const { name, files = { "app.ts": EMPTY }, options = {}, message } of MISTAKES) {
  Deno.test(`${name} is one message, and nothing is written`, async () => {
    await using application = await BuiltApplication.write(files);
    const before = application.list();
    const error = await assertRejects(() => application.build(options), BuildError);
    assertMatch(error.message, message);
    assertEquals(application.list(), before);
  });
}

Deno.test("a failed build leaves the one before as it is", async () => {
  await using application = await BuiltApplication.write({ "app.ts": EMPTY });
  await application.build();
  const before = await application.bundle();
  await application.put("app.ts", "export default 1;\n");
  await assertRejects(
    () => application.build(),
    BuildError,
    "its default export is no application",
  );
  assertEquals(await application.bundle(), before);
});

Deno.test("a folder that holds something else is left alone", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": EMPTY,
    "dist/letter.txt": "",
  });
  await assertRejects(() => application.build(), BuildError, "dist: it holds something else");
  await assertRejects(() => application.build({ out: "app.ts" }), BuildError, "it is no folder");
  assertEquals(application.list("dist"), ["letter.txt"]);
});

Deno.test("a static folder of 1 GiB is a message, and is not read", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": withSettings('{ staticPath: "static" }'),
    "static/small.txt": "",
  });
  for (let part = 0; part < 1024; part++) {
    // A hole in a file has its size, and takes no room.
    using file = await Deno.create(`${application.folder}/static/${part}.bin`);
    await file.truncate(1024 * 1024);
  }
  const error = await assertRejects(() => application.build(), BuildError);
  assertMatch(
    error.message,
    /static: the static files have more than 24 MiB; serve them from elsewhere/,
  );
});

Deno.test("more static files than a bundle can hold are a message, whatever is allowed", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": withSettings('{ staticPath: "static" }'),
    "static/large.bin": "",
  });
  await Deno.truncate(`${application.folder}/static/large.bin`, 1024 ** 3);
  const limits = { maxFileSize: 2 * 1024 ** 3, maxTotalSize: 3 * 1024 ** 3 };
  const error = await assertRejects(() => application.build(limits), BuildError);
  assertMatch(
    error.message,
    /static: a bundle cannot hold more than 256 MiB of static files; serve/,
  );
  const { notes } = await application.build();
  assertMatch(notes.join(), /large\.bin has 1024 MiB, more than 1 MiB, and was left out/);
});

Deno.test("a program that the application has started does not hold the build", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `const { pid } = new Deno.Command("sleep", { args: ["600"] }).spawn();
Deno.writeTextFileSync("pid.txt", String(pid));
${EMPTY.replace("();", "([]);")}`,
  });
  await application.build();
  // It is still there.
  Deno.kill(Number(await Deno.readTextFile(`${application.folder}/pid.txt`)), "SIGKILL");
});

Deno.test("options are checked", async () => {
  const wrong = (options: object) =>
    assertRejects(() => build(options as BuildOptions), TypeError).then(({ message }) => message);
  assertMatch(
    await wrong({ entry: "a.ts", traget: "node" }),
    /Unknown option of build\(\) "traget"/,
  );
  assertMatch(
    await wrong({ entry: "a.ts", target: "edge" }),
    /expected "workers", "deno", "bun" or "node"/,
  );
  assertMatch(await wrong({ target: "node" }), /Cannot build without the option "entry"/);
});
