import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { BuiltApplication } from "../support/built.ts";

const HELLO = `import { Application, RequestHandler } from "@gustnado/gustnado";
class Hello extends RequestHandler {
  override get() {
    this.write("Hello");
  }
}
export default new Application([["/", Hello]]);
`;

const PAGES = `import { Application, RequestHandler, UIModule } from "@gustnado/gustnado";
class Greeting extends UIModule {
  override render(name: string) {
    return this.renderString("parts/greeting.html", { name });
  }
}
class Page extends RequestHandler {
  override get() {
    return this.render("page.html", { names: ["Ada", "<Grace>"], home: this.reverseUrl("home") });
  }
}
export default new Application([["/", Page, {}, "home"]], {
  templatePath: import.meta.dirname + "/templates",
  staticPath: import.meta.dirname + "/static",
  uiModules: { Greeting },
});
`;

const TEMPLATES = {
  "templates/base.html": "<title>{% block title %}{% end %}</title>{% block body %}{% end %}",
  "templates/page.html":
    '{% extends "base.html" %}{% block title %}{{ home }}{% end %}{% block body %}' +
    '{% for name in names %}{% module Greeting(name) %}{% end %}{{ static_url("a.css") }}{% end %}',
  "templates/parts/greeting.html": "<p>{{ name }}</p>",
  "static/a.css": "p { color: teal }",
};

Deno.test("a bundle answers as the application does", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO });
  const { files, size, gzipSize, modules, leftOut } = await application.build();
  assertEquals(files, ["app.js"]);
  assert(gzipSize < size && size > 0 && modules.length > 20);
  assert(leftOut.includes("RequestHandler.getSignedCookie"));
  const { status, text } = await application.get("/");
  assertEquals([status, text], [200, "Hello"]);
  assertEquals((await application.get("/none")).status, 404);
});

Deno.test("import map may lead a relative path elsewhere", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { wind } from "./wind.ts";
if (wind !== "from the map") throw new Error(wind);
${HELLO.replace('"Hello"', "wind")}`,
    "wind.ts": 'export const wind = "from the path";',
    "other.ts": 'export const wind = "from the map";',
    "deno.json": JSON.stringify({ imports: { "./wind.ts": "./other.ts" } }),
  });
  await application.build({ config: "deno.json" });
  assertEquals((await application.get("/")).text, "from the map");
});

Deno.test("templates are compiled ahead, with inheritance, UI modules and escaping", async () => {
  await using application = await BuiltApplication.write({ "app.ts": PAGES, ...TEMPLATES });
  const { templates, assets } = await application.build();
  assertEquals([templates, assets.map(({ path }) => path)], [3, ["/app/static/a.css"]]);
  const page = await application.get("/");
  assertMatch(
    page.text,
    /^<title>\/<\/title><p>Ada<\/p><p>&lt;Grace&gt;<\/p>\/static\/a\.css\?v=[\w-]+$/,
  );
  const text = await application.bundle();
  assertNotMatch(text, /new Function|\beval\(|parseExpressionAt/);
});

Deno.test("static files come along, with their versions", async () => {
  await using application = await BuiltApplication.write({ "app.ts": PAGES, ...TEMPLATES });
  await application.put("static/pixel.bin", new Uint8Array([0, 255, 128, 10]));
  await application.build();
  await Deno.remove(`${application.folder}/static`, { recursive: true });
  const css = await application.get("/static/a.css");
  assertEquals([css.status, css.text], [200, "p { color: teal }"]);
  assertEquals(css.headers.get("content-type"), "text/css; charset=UTF-8");
  assert(css.headers.has("etag") && css.headers.has("last-modified"));
  const pixel = await application.get("/static/pixel.bin");
  assertEquals([pixel.status, pixel.text.length], [200, 4]);
  assertEquals((await application.get("/static/none.css")).status, 404);
  assertEquals((await application.get("/static/../app.ts")).status, 404);
});

Deno.test("a large static file is left out, and named", async () => {
  await using application = await BuiltApplication.write({ "app.ts": PAGES, ...TEMPLATES });
  await application.put("static/large.bin", new Uint8Array(2000));
  const { notes, assets } = await application.build({ maxFileSize: 1000 });
  assertEquals(assets.length, 1);
  assertMatch(notes.join(), /large\.bin has 2 KiB, more than 1000 B, and was left out/);
});

Deno.test("links to files of the same folder are followed, others are named", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": PAGES.replace('"page.html"', '"linked.html"'),
    ...TEMPLATES,
  });
  const { folder } = application;
  await Deno.symlink("page.html", `${folder}/templates/linked.html`);
  await Deno.symlink("../app.ts", `${folder}/templates/outside.html`);
  await Deno.symlink("a.css", `${folder}/static/linked.css`);
  await Deno.symlink("..", `${folder}/static/above`);
  const { templates, assets, notes } = await application.build();
  assertEquals([templates, assets.length], [4, 2]);
  assertEquals(notes, [
    `${folder}/templates/outside.html is a link to no file of its folder, and was passed over`,
    `${folder}/static/above is a link to no file of its folder, and was passed over`,
  ]);
  assertMatch((await application.get("/")).text, /^<title>\/<\/title><p>Ada<\/p>/);
  assertEquals((await application.get("/static/linked.css")).text, "p { color: teal }");
});

Deno.test("imports of every kind are bundled", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, RequestHandler } from "@gustnado/gustnado/web";
import { safeParse, string } from "npm:valibot@1.5.0";
import { Hono } from "hono";
import note from "./note.txt" with { type: "text" };
import facts from "./facts.json" with { type: "json" };
import given from "data:application/json,%7B%22a%22%3A1%7D" with { type: "json" };
import { createHash } from "node:crypto";
class Kinds extends RequestHandler {
  override async get() {
    const { lazy } = await import("./lazy.ts");
    const valid = safeParse(string(), "x").success;
    const sum = createHash("md5").update("").digest("hex");
    this.write({ note, facts, given, valid, hono: typeof Hono, lazy, sum });
  }
}
export default new Application([["/", Kinds]]);
`,
    "note.txt": "a note",
    "facts.json": '{"wind":7}',
    "lazy.ts": "export const lazy: string = 'lazy';",
  });
  for (const shake of [true, false]) {
    await application.build({ shake });
    assertEquals(JSON.parse((await application.get("/")).text), {
      note: "a note",
      facts: { wind: 7 },
      given: { a: 1 },
      valid: true,
      hono: "function",
      lazy: "lazy",
      sum: "d41d8cd98f00b204e9800998ecf8427e",
    });
  }
});

Deno.test("decorators and using are written out", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, authenticated, RequestHandler } from "@gustnado/gustnado";
class Home extends RequestHandler {
  override getCurrentUser() {
    return "ada";
  }
  @authenticated
  override get() {
    using closed = { [Symbol.dispose]: () => this.write("closed") };
    this.write("open " + typeof closed);
  }
}
export default new Application([["/", Home]]);
`,
  });
  await application.build({ minify: false });
  assertNotMatch(await application.bundle(), /^\s*using |^\s*@authenticated/m);
  assertEquals((await application.get("/")).text, "open objectclosed");
});

Deno.test("a member that was left out says so when it is reached, and --keep keeps it", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, RequestHandler } from "@gustnado/gustnado";
class Home extends RequestHandler {
  override get() {
    const name = ["get", "Argument"].join("Query");
    const own = this as unknown as Record<string, (...given: string[]) => string>;
    try {
      this.write(own[name]?.("a", "none") ?? "");
    } catch (error) {
      this.write(String(error));
    }
  }
}
export default new Application([["/", Home]]);
`,
  });
  const { leftOut } = await application.build();
  assert(leftOut.includes("RequestHandler.getQueryArgument"));
  assertEquals(
    (await application.get("/")).text,
    "Error: Cannot use getQueryArgument: it was left out of the bundle because nothing named it; build " +
      "with --keep getQueryArgument",
  );
  await application.build({ keep: ["getQueryArgument"] });
  assertEquals((await application.get("/?a=b")).text, "b");
});

Deno.test("what an application needs when it is made is kept if it was needed then", async () => {
  const application = (pattern: string) =>
    `import { Application, RequestHandler } from "@gustnado/gustnado";
class Story extends RequestHandler {
  override get(id?: string) {
    this.write(\`story \${id}\`);
  }
}
const app = new Application([[${pattern}, Story]]);
try {
  app.addHandlers("*", [["/late/" + "(a|b)", Story]]);
} catch (error) {
  app.addHandlers("*", [["/late", class extends RequestHandler {
    override get() {
      this.write(String(error));
    }
  }]]);
}
export default app;
`;
  await using expression = await BuiltApplication.write({
    "app.ts": application('"/story/" + String.raw`(\\d+)`'),
  });
  await expression.build();
  assertEquals((await expression.get("/story/12")).text, "story 12");
  assertEquals((await expression.get("/story/x")).status, 404);
  assertEquals((await expression.get("/late/a")).text, "story a");
});

Deno.test("routes that need more than those of the import say what was left out", async () => {
  const text = `import { Application, RequestHandler } from "@gustnado/gustnado";
class Home extends RequestHandler {
  override get() {
    try {
      app.addHandlers("*", [[this.getQueryArgument("pattern"), Home]]);
      this.write("added");
    } catch (error) {
      this.write(String(error));
    }
  }
}
const app = new Application([["/", Home], ["/user/:id", Home]]);
export default app;
`;
  await using application = await BuiltApplication.write({ "app.ts": text });
  await application.build();
  assertEquals((await application.get("/?pattern=/new/:name")).text, "added");
  assertEquals(
    (await application.get("/?pattern=/new/(a|b)")).text,
    "Error: Cannot use linearMatcher: it was left out of the bundle because the application did not need " +
      "it when it was imported; build with --keep linearMatcher",
  );
  await application.build({ keep: ["linearMatcher"] });
  assertEquals((await application.get("/?pattern=/new/(a|b)")).text, "added");
});

Deno.test("an application without methods for bodies reads none, and refuses them", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO });
  await application.build();
  const { status } = await application.get("/", { method: "POST", body: "a=b" });
  assertEquals(status, 405);
});

Deno.test("a handler of the library has its body", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, JSONRPCHandler } from "@gustnado/gustnado";
class Wind extends JSONRPCHandler {}
export default new Application([["/", Wind]]);
`,
  });
  await application.build();
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "none" });
  const headers = { "content-type": "application/json" };
  const { text } = await application.get("/", { method: "POST", body, headers });
  assertEquals(JSON.parse(text).error?.code, -32601);
});

Deno.test("a setting that comes out of a function is not folded away", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, RequestHandler } from "@gustnado/gustnado";
class Home extends RequestHandler {
  override get() {
    throw new Error("too windy");
  }
}
export default new Application([["/", Home]], { ["serve" + "Traceback"]: true });
`,
  });
  await application.build();
  assertStringIncludes((await application.get("/")).text, "too windy");
});

Deno.test("a source map leads back to the application", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO });
  const { files } = await application.build({ sourcemap: true });
  assertEquals(files, ["app.js", "app.js.map"]);
  const { sources, sourcesContent } = JSON.parse(
    await Deno.readTextFile(`${application.folder}/dist/app.js.map`),
  );
  const index = sources.findIndex((source: string) => source.endsWith("app.ts"));
  assertEquals(sourcesContent[index], HELLO);
  assertMatch(await application.bundle(), /\/\/# sourceMappingURL=app\.js\.map\n$/);
});

Deno.test("a build takes the place of the one before", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO });
  await application.build({ sourcemap: true });
  await application.build();
  assertEquals(application.list("dist"), [".gustnado-build", "app.js"]);
  assertEquals(application.list(), ["app.ts", "dist"]);
});
