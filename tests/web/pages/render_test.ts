import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../../src/template/loaders/dict_loader.ts";
import type { BaseLoader } from "../../../src/template/loaders/base_loader.ts";
import { html } from "../../../src/text/html_tag.ts";
import * as locale from "../../../src/text/locale/mod.ts";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { UIModule } from "../../../src/web/pages/ui_module.ts";
import { type Answer, RequestHandler } from "../../../src/web/request_handler.ts";
import type { HandlerClass } from "../../../src/web/handler_traits.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";

/** A handler that renders `page.html` with `namespace`. */
function rendering(namespace: Record<string, unknown> = {}): HandlerClass {
  return class extends RequestHandler {
    override get(): Answer {
      return this.render("page.html", namespace);
    }
  };
}

/** Serves `handler` at `/`, with templates from `sources`. */
function serving(
  sources: Readonly<Record<string, string>>,
  handler: HandlerClass,
  settings: ApplicationSettings = {},
): (init?: RequestInit) => Promise<Response> {
  const templateLoader = new DictLoader(sources);
  const app = new Application([["/", handler]], { templateLoader, ...settings });
  return (init) => Promise.resolve(app.fetch(new Request("http://localhost/", init)));
}

/** The body that a page has. */
async function page(
  source: string,
  namespace: Record<string, unknown> = {},
  settings: ApplicationSettings = {},
): Promise<string> {
  const fetch = serving({ "page.html": source }, rendering(namespace), settings);
  return await (await fetch()).text();
}

// ---- rendering

Deno.test("render sends the page of a template as HTML", async () => {
  const fetch = serving({ "page.html": "<p>{{ name }}</p>" }, rendering({ name: "<b>" }));
  const response = await fetch();
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
  assertEquals(await response.text(), "<p>&lt;b&gt;</p>");
});

Deno.test("a page that awaits nothing is answered in the same turn, once pages are loaded", async () => {
  const templateLoader = new DictLoader({ "page.html": "x" });
  const app = new Application([["/", rendering()]], { templateLoader });
  assertEquals(await (await app.fetch(new Request("http://localhost/"))).text(), "x");
  assert(app.fetch(new Request("http://localhost/")) instanceof Response);
});

Deno.test("a page with a loader of its handler's own needs no setting", async () => {
  const loader = new DictLoader({ "page.html": "{{ name }}" });
  class Own extends RequestHandler {
    override createTemplateLoader() {
      return loader;
    }
    override async get() {
      this.setHeader("x-text", await this.renderString("page.html", { name: "text" }));
      this.render("page.html", { name: "page" });
    }
  }
  const app = new Application([["/", Own]]);
  for (const _ of [1, 2]) {
    const response = await app.fetch(new Request("http://localhost/"));
    assertEquals([response.headers.get("x-text"), await response.text()], ["text", "page"]);
  }
});

Deno.test("a handler makes no loader where no setting tells of templates", () => {
  class Maker extends RequestHandler {
    override get() {
      const error = assertThrows(() => this.createTemplateLoader(""), Error);
      this.write(error.message);
    }
  }
  const response = new Application([["/", Maker]]).fetch(new Request("http://localhost/"));
  assert(response instanceof Response && response.status === 200);
});

Deno.test("a mounted application renders pages from its first request on", async () => {
  const templateLoader = new DictLoader({ "page.html": "inner" });
  const inner = new Application([["/in", rendering()]], { templateLoader });
  const outer = new Application([["/in", inner]]);
  const response = await outer.fetch(new Request("http://localhost/in"));
  assertEquals(await response.text(), "inner");
});

Deno.test("render refuses to run after the response is complete", async () => {
  using records = captureLogs();
  class Twice extends RequestHandler {
    override get(): void {
      this.finish("first");
      assertThrows(() => this.render("page.html"), Error, "Cannot render() after finish()");
    }
  }
  assertEquals(await (await serving({ "page.html": "" }, Twice)()).text(), "first");
  assertEquals(records.all.filter(({ level }) => level === "error"), []);
});

Deno.test("renderString gives the text of a template", async () => {
  class Handler extends RequestHandler {
    override get(): void {
      this.write(`[${this.renderString("page.html", { x: 1 })}]`);
    }
  }
  assertEquals(await (await serving({ "page.html": "{{ x }}" }, Handler)()).text(), "[1]");
});

Deno.test("write takes html that vouches for itself", async () => {
  class Handler extends RequestHandler {
    override get(): void {
      this.write(html`<p>${"<"}</p>`);
    }
  }
  const response = await serving({}, Handler)();
  assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
  assertEquals(await response.text(), "<p>&lt;</p>");
});

// ---- names

Deno.test("templates know their handler, its request and what it offers", async () => {
  const source = "{{ handler === request.handler }} {{ request.path }} {{ reverseUrl('home') }} " +
    "{{ reverse_url('home') }} {{ currentUser }} {{ current_user }} {{ locale.code }} {{ _('hi') }} " +
    "{{ pgettext('x', 'hi') }}";
  class Handler extends RequestHandler {
    override get(): Answer {
      Object.assign(this.request, { handler: this });
      return this.render("page.html");
    }
    override getCurrentUser(): string {
      return "Ann";
    }
  }
  const templateLoader = new DictLoader({ "page.html": source });
  const app = new Application([["/", Handler, {}, "home"]], { templateLoader });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), "true / / / Ann Ann en_US hi hi");
});

Deno.test("the user and the locale are found out only for templates that name them", async () => {
  const asked: string[] = [];
  class Handler extends RequestHandler {
    override get(): Answer {
      return this.render("page.html");
    }
    override getCurrentUser(): string {
      asked.push("user");
      return "Ann";
    }
    override getUserLocale(): string {
      asked.push("locale");
      return "en_US";
    }
  }
  await serving({ "page.html": "{% if false %}{{ currentUser }}{{ locale }}{% end %}" }, Handler)();
  assertEquals(asked, []);
  await serving({ "page.html": "{{ currentUser }}{{ currentUser }}{{ _('a') }}" }, Handler)();
  assertEquals(asked, ["user", "locale"]);
});

Deno.test("getTemplateNamespace adds names, behind those that are passed to render", async () => {
  class Handler extends RequestHandler {
    override get(): Answer {
      return this.render("page.html", { b: "passed" });
    }
    override getTemplateNamespace(): Record<string, unknown> {
      return { ...super.getTemplateNamespace(), a: "added", b: "added", locale: "mine" };
    }
  }
  const response = await serving({ "page.html": "{{ a }} {{ b }} {{ locale }}" }, Handler)();
  assertEquals(await response.text(), "added passed mine");
});

Deno.test("UI methods and modules are bound to their handler", async () => {
  class Handler extends RequestHandler {
    override get(): Answer {
      return this.render("page.html");
    }
    value(): string {
      return this.getArgument("value");
    }
  }
  const my_ui_method = (handler: Handler, x: number) =>
    `In my_ui_method(${x}) with handler value ${handler.value()}.`;
  class MyModule extends UIModule {
    override render(x: number): string {
      const value = this.handler instanceof Handler ? this.handler.value() : "";
      return `In MyModule(${x}) with handler value ${value}.`;
    }
  }
  const templateLoader = new DictLoader({
    "page.html": "{{ my_ui_method(42) }} {% module MyModule(123) %}",
  });
  const uiMethods = [{ my_ui_method }, { Upper: () => 1, _hidden: () => 1, notAFunction: 1 }];
  const uiModules = { MyModule, my_ui_method, something: class {}, version: 1 };
  const app = new Application([["/", Handler]], { templateLoader, uiMethods, uiModules });
  const response = await app.fetch(new Request("http://localhost/?value=asdf"));
  assertEquals(
    await response.text(),
    "In my_ui_method(42) with handler value asdf. In MyModule(123) with handler value asdf.",
  );
});

Deno.test("a UI module asks for the user only when it needs it", async () => {
  const asked: string[] = [];
  class Handler extends RequestHandler {
    override get(): Answer {
      return this.render("page.html");
    }
    override getCurrentUser(): string {
      asked.push("user");
      return "Ann";
    }
  }
  class Without extends UIModule {
    override render(): string {
      return "";
    }
  }
  class With extends UIModule {
    override render(): string {
      return `${this.currentUser} ${this.request.path} ${this.locale.code}`;
    }
  }
  const uiModules = { Without, With };
  await serving({ "page.html": "{% module Without() %}" }, Handler, { uiModules })();
  assertEquals(asked, []);
  const response = await serving({ "page.html": "{% module With() %}" }, Handler, { uiModules })();
  assertEquals(await response.text(), "Ann / en_US");
});

// ---- UI modules

Deno.test("what the modules of a page need is put into it once, as Tornado does", async () => {
  const sources = {
    "page.html": `<html><head></head><body>
{% for e in entries %}
{% module Template("entry.html", { entry: e }) %}
{% end %}
</body></html>`,
    "entry.html": `{{ set_resources({ embedded_css: ".entry { margin-bottom: 1em; }",
                 embedded_javascript: "js_embed()",
                 css_files: ["/base.css", "/foo.css"],
                 javascript_files: "/common.js",
                 html_head: "<meta>",
                 html_body: '<script src="/analytics.js"/>' }) }}
<div class="entry">...</div>`,
  };
  const response = await serving(sources, rendering({ entries: [1, 2] }))();
  assertEquals(
    await response.text(),
    `<html><head><link href="/base.css" type="text/css" rel="stylesheet"/>` +
      `<link href="/foo.css" type="text/css" rel="stylesheet"/>
<style type="text/css">
.entry { margin-bottom: 1em; }
</style>
<meta>
</head><body>


<div class="entry">...</div>


<div class="entry">...</div>

<script src="/common.js" type="text/javascript"></script>
<script type="text/javascript">
//<![CDATA[
js_embed()
//]]>
</script>
<script src="/analytics.js"/>
</body></html>`,
  );
});

Deno.test("one instance of a UI module serves all of its uses on a page", async () => {
  let instances = 0;
  class Counter extends UIModule {
    #uses = 0;
    constructor(handler: RequestHandler) {
      super(handler);
      instances++;
    }
    override render(): string {
      return `${++this.#uses};`;
    }
    override cssFiles(): string {
      return "/a.css";
    }
    override javascriptFiles(): string[] {
      return ["/a.js", "/a.js", "https://cdn.example/b.js"];
    }
  }
  const text = await page("{% module Counter() %}{% module Counter() %}", {}, {
    uiModules: { Counter },
  });
  assertEquals(instances, 1);
  assertMatch(text, /^1;2;<link href="\/a.css" [^>]*>\n<script src="\/a.js"/);
  assertEquals(text.match(/a\.js/g)?.length, 1);
});

Deno.test("embedded scripts and styles cannot end their element", async () => {
  class Sneaky extends UIModule {
    override render(): string {
      return "";
    }
    override embeddedJavascript(): string {
      return `x = "</script><b>"`;
    }
    override embeddedCss(): string {
      return `a::after { content: "</STYLE><b>" }`;
    }
  }
  const text = await page("<head></head><body>{% module Sneaky() %}</body>", {}, {
    uiModules: { Sneaky },
  });
  assertStringIncludes(text, `x = "<\\/script><b>"`);
  assertStringIncludes(text, `content: "<\\/STYLE><b>"`);
});

Deno.test("modules may be asynchronous, and the page then waits for them", async () => {
  class Slow extends UIModule {
    override async render(x: number): Promise<string> {
      return `<i>${await Promise.resolve(x)}</i>`;
    }
    override embeddedCss(): string {
      return "i {}";
    }
  }
  const text = await page("<head></head>{% module Slow(1) %}-{% module Slow(2) %}", {}, {
    uiModules: { Slow },
  });
  assertEquals(
    text,
    '<head><style type="text/css">\ni {}\n</style>\n</head><i>1</i>-<i>2</i>',
  );
});

Deno.test("the linkify module makes links, and a template module sees only what it is passed", async () => {
  const sources = {
    "page.html": "{% module linkify(text) %}{% module Template('part.html', { x: 1 }) %}",
    "part.html": "|{{ x }}{{ typeof text }}",
  };
  const response = await serving(sources, rendering({ text: "http://example.com" }))();
  assertEquals(
    await response.text(),
    '<a href="http://example.com">http://example.com</a>|1undefined',
  );
});

Deno.test("resources that differ for one template are refused", async () => {
  using records = captureLogs();
  const sources = {
    "page.html": "{% for x in ['1', '2'] %}{% module Template('a.html', { x }) %}{% end %}",
    "a.html": "{{ setResources({ embeddedCss: x }) }}",
  };
  assertEquals((await serving(sources, rendering())()).status, 500);
  await expectLog(records, "error", /Cannot set the resources of "a.html" twice/);
});

Deno.test("an unknown resource is refused", async () => {
  using records = captureLogs();
  const sources = {
    "page.html": "{% module Template('a.html') %}",
    "a.html": "{{ setResources({ css: 'x' }) }}",
  };
  assertEquals((await serving(sources, rendering())()).status, 500);
  await expectLog(records, "error", /Cannot set the resource "css" of "a.html": it takes text/);
});

Deno.test("paths of resources are static files, in their current version", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${directory}/a.css`, "a {}");
    class Css extends UIModule {
      override render(): string {
        return "";
      }
      override cssFiles(): string {
        return "a.css";
      }
    }
    const text = await page(
      "{{ staticUrl('a.css') }} {{ static_url('a.css') }}{% module Css() %}",
      {},
      {
        uiModules: { Css },
        staticPath: directory,
      },
    );
    const [url] = text.split(" ");
    assertMatch(url ?? "", /^\/static\/a\.css\?v=[\w-]+$/);
    assertEquals(text, `${url} ${url}<link href="${url}" type="text/css" rel="stylesheet"/>\n`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

// ---- errors

Deno.test("an error in a template is a 500 whose log names the line", async () => {
  using records = captureLogs();
  const response = await serving({ "page.html": "a\n{{ nope }}" }, rendering({ secret: "s3" }))();
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("page.html"), false);
  const record = await expectLog(records, "error", /Name "nope" is not defined at page.html:2/);
  assertEquals(record.message.includes("s3"), false);
});

Deno.test("an HTTPError out of a template keeps its status", async () => {
  const fail = () => {
    throw new HTTPError(404);
  };
  assertEquals((await serving({ "page.html": "{{ fail() }}" }, rendering({ fail }))()).status, 404);
});

Deno.test("an asynchronous page need not be awaited, and its failure is the request's", async () => {
  class Careless extends RequestHandler {
    override get(): void {
      this.render("page.html", { f: () => Promise.resolve("ok") });
    }
  }
  const fetch = serving({ "page.html": "{{ await f() }}" }, Careless);
  assertEquals(await (await fetch()).text(), "ok");
  using records = captureLogs();
  const failing = serving({ "page.html": "{{ await f() }}{{ nope }}" }, Careless);
  assertEquals((await failing()).status, 500);
  await expectLog(records, "error", /Name "nope" is not defined/);
});

Deno.test("the failure of an asynchronous page can be caught", async () => {
  class Careful extends RequestHandler {
    override async get(): Promise<void> {
      try {
        await this.render("page.html");
      } catch {
        this.write("caught");
      }
    }
  }
  const fetch = serving({ "page.html": "{{ await 1 }}{{ nope }}" }, Careful);
  const response = await fetch();
  assertEquals([response.status, await response.text()], [200, "caught"]);
});

Deno.test("a failure that nobody waited for is answered when the method ends", async () => {
  using records = captureLogs();
  class Forgetful extends RequestHandler {
    override async get(): Promise<void> {
      this.render("page.html");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const response = await serving({ "page.html": "{{ await 1 }}{{ nope }}" }, Forgetful)();
  assertEquals(response.status, 500);
  await expectLog(records, "error", /Name "nope" is not defined/);
});

// ---- streams

Deno.test("renderStream sends what is ready before the page waits", async () => {
  const gate = Promise.withResolvers<string>();
  class Handler extends RequestHandler {
    override get(): Promise<void> {
      return this.renderStream("page.html", { slow: gate.promise });
    }
  }
  class Css extends UIModule {
    override render(): string {
      return "<i></i>";
    }
    override embeddedCss(): string {
      return "i {}";
    }
  }
  const source = "<head></head><body>{% module Css() %}{{ await slow }}</body>";
  const fetch = serving({ "page.html": source }, Handler, { uiModules: { Css } });
  const response = await fetch();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader?.read())?.value, "<head></head><body>");
  assertEquals((await reader?.read())?.value, "<i></i>");
  gate.resolve("late");
  let rest = "";
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    rest += read.value;
  }
  assertEquals(rest, 'late<style type="text/css">\ni {}\n</style>\n</body>');
});

// ---- settings

Deno.test("the settings of templates are checked", () => {
  const refused: [Record<string, unknown>, string][] = [
    [{ templatePath: 5 }, '"templatePath": expected a string'],
    [{ templateLoader: {} }, '"templateLoader": expected a template loader'],
    [{ templateWhitespace: "most" }, '"templateWhitespace": expected "all", "single" or "oneline"'],
    [{ autoescape: 1 }, '"autoescape": expected a function, the name of one, or null'],
    [{ compiledTemplateCache: 1 }, '"compiledTemplateCache": expected a boolean'],
    [{ uiModules: "x" }, '"uiModules": expected an object'],
    [{ template_path: "x" }, 'it is spelled "templatePath"'],
  ];
  for (const [settings, message] of refused) {
    assertThrows(() => new Application([], settings), TypeError, message);
  }
});

Deno.test("a page without templates says which setting is missing", async () => {
  using records = captureLogs();
  const app = new Application([["/", rendering()]]);
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
  await expectLog(records, "error", /set "templatePath" or "templateLoader" in the settings/);
});

Deno.test("templates come from templatePath, with the settings that concern them", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${directory}/page.html`, "{{ x }}  |");
    const settings = {
      templatePath: directory,
      autoescape: null,
      templateWhitespace: "all",
    } as const;
    const app = new Application([["/", rendering({ x: "<" })]], settings);
    const get = async () => await (await app.fetch(new Request("http://localhost/"))).text();
    assertEquals(await get(), "<  |");
    Deno.writeTextFileSync(`${directory}/page.html`, "edited");
    assertEquals(await get(), "<  |");
    assert(app.fetch(new Request("http://localhost/")) instanceof Response);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("edits show at once with debug, or without the cache of templates", async () => {
  for (const settings of [{ debug: true }, { compiledTemplateCache: false }]) {
    const directory = Deno.makeTempDirSync();
    try {
      const file = `${directory}/page.html`;
      Deno.writeTextFileSync(file, "one");
      const app = new Application([["/", rendering()]], { templatePath: directory, ...settings });
      const get = async () => await (await app.fetch(new Request("http://localhost/"))).text();
      assertEquals(await get(), "one");
      Deno.writeTextFileSync(file, "two");
      assertEquals(await get(), "two");
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  }
});

Deno.test("a cached page touches no file", async () => {
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${directory}/page.html`, "{% include part.html %}");
  Deno.writeTextFileSync(`${directory}/part.html`, "part");
  const app = new Application([["/", rendering()]], { templatePath: directory });
  await app.fetch(new Request("http://localhost/"));
  Deno.removeSync(directory, { recursive: true });
  assertEquals(await (await app.fetch(new Request("http://localhost/"))).text(), "part");
});

Deno.test("a handler can have templates of its own", async () => {
  const made: string[] = [];
  class Own extends RequestHandler {
    override get(): Answer {
      return this.render("page.html");
    }
    override getTemplatePath(): string {
      return "own";
    }
    override createTemplateLoader(path: string): BaseLoader {
      made.push(path);
      return new DictLoader({ "page.html": `from ${path}` });
    }
  }
  const fetch = serving({}, Own);
  assertEquals(await (await fetch()).text(), "from own");
  assertEquals(await (await fetch()).text(), "from own");
  assertEquals(made, ["own"]);
});

// ---- locale

Deno.test("the locale is the user's, else the browser's, else the default one", async () => {
  class Handler extends RequestHandler {
    override get(): void {
      this.write(this.locale.code);
    }
    override getUserLocale(): locale.Locale | string | null {
      const code = this.getArgument("code", null);
      return code === "object" ? locale.get("he") : code;
    }
  }
  locale.addTranslations("fr", "yes,oui");
  locale.addTranslations("he", "yes,כן");
  try {
    const app = new Application([["/", Handler]]);
    const get = async (query: string, accept?: string) => {
      const headers: HeadersInit = accept === undefined ? {} : { "Accept-Language": accept };
      return await (await app.fetch(new Request(`http://localhost/${query}`, { headers }))).text();
    };
    assertEquals(await get(""), "en_US");
    assertEquals(await get("", "fr-FR;q=0.9, he;q=0.1"), "fr");
    assertEquals(await get("", "fr;q=0, he;q=0.1"), "he");
    assertEquals(await get("", "zz"), "en_US");
    assertEquals(await get("?code=he", "fr"), "he");
    assertEquals(await get("?code=object", "fr"), "he");
  } finally {
    locale.clearTranslations();
  }
});

Deno.test("the locale and the user can be set, and are then not asked for", async () => {
  class Handler extends RequestHandler {
    override prepare(): void {
      this.currentUser = "Ben";
      this.locale = locale.get("en_US");
    }
    override getUserLocale(): never {
      throw new Error("asked");
    }
    override getCurrentUser(): never {
      throw new Error("asked");
    }
    override get(): void {
      this.write(`Hello ${this.currentUser} (${this.locale.code})`);
    }
  }
  assertEquals(await (await serving({}, Handler)()).text(), "Hello Ben (en_US)");
});

Deno.test("a page is translated, and told its language and direction", async () => {
  locale.addTranslations("ar", `Sign in,تسجيل الدخول\n"%(n)d person","شخص واحد",one\n`);
  try {
    const source = '<html lang="{{ locale.tag }}" dir="{{ locale.dir }}">{{ _("Sign in") }} ' +
      '{{ _("%(n)d person", "%(n)d people", 1, { n: 1 }) }}';
    const fetch = serving({ "page.html": source }, rendering());
    const text = await (await fetch({ headers: { "Accept-Language": "ar-EG" } })).text();
    assertEquals(text, '<html lang="ar" dir="rtl">تسجيل الدخول شخص واحد');
  } finally {
    locale.clearTranslations();
  }
});
