import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { BuiltApplication } from "../support/built.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";

const TEXTS = `import {
  Application, DictLoader, Loader, RequestHandler, Template, UIModule,
} from "@gustnado/gustnado";

const sources: Record<string, string> = {
  "base.html": "<title>{% block title %}{% end %}</title>{% block body %}{% end %}",
};
const pages = new DictLoader(sources, { namespace: { site: "Gusts" } });
sources["page.html"] = '{% extends "base.html" %}{% block title %}{{ site }}{% end %}' +
  "{% block body %}{% for name in names %}{% module Name(name) %}{% end %}{% end %}";
const plain = new DictLoader({ "base.html": "{{ mark }}" }, { autoescape: null });
const folder = new Loader(import.meta.dirname + "/mail");
const signed = new Loader("mail").load("letter.txt");

const greeting = new Template("Hello {{ name }}");
const bytes = new Template(new TextEncoder().encode("Füße: {{ name }}"), { autoescape: null });
const letter = new Template('{% extends "letter.txt" %}{% block body %}{{ name }}{% end %}', {
  name: "own.txt",
  loader: folder,
});
const title = new Template('{% extends "base.html" %}{% block title %}{{ name }}{% end %}', {
  loader: pages,
});
const early = pages.load("page.html").name + signed.name + greeting.generate({ name: "import" });

class Name extends UIModule {
  override render(name: string) {
    return plain.load("base.html").generate({ mark: name });
  }
}
class Page extends RequestHandler {
  override get() {
    return this.render("page.html", { names: ["Ada", "<Grace>"] });
  }
}
class Texts extends RequestHandler {
  override get() {
    const name = "<&>";
    this.write([greeting, bytes, letter, title].map((each) => each.generate({ name })).join("|"));
    this.write(\`|\${early}|\${greeting.code.length > 20}|\${greeting instanceof Template}\`);
  }
}
class Later extends RequestHandler {
  override get() {
    const which = this.getArgument("which");
    try {
      if (which === "loader") new DictLoader({ "a.html": "new" }).load("a.html");
      else if (which === "missing") pages.load("pgae.html");
      else if (which === "relative") {
        const source = '{% extends "letter.txt" %}{% block body %}{{ name }}{% end %}';
        return this.write(new Template(source, { loader: folder }).generate({ name: "Ada" }));
      } else if (which === "escaped") new Template("Hello {{ name }}", { autoescape: (text) => text });
      else new Template("new {{ name }}", { name: "later.html" });
      this.write("made");
    } catch (error) {
      this.write(String(error));
    }
  }
}
export default new Application([["/", Page], ["/texts", Texts], ["/later", Later]], {
  templateLoader: pages,
  uiModules: { Name },
});
`;

const FILES = {
  "app.ts": TEXTS,
  "mail/letter.txt": "Dear {% block body %}{% end %}!",
};

const ANSWERS: readonly [path: string, answer: RegExp][] = [
  ["/", /^<title>Gusts<\/title>Ada<Grace>$/],
  [
    "/texts",
    /^Hello &lt;&amp;&gt;\|Füße: <&>\|Dear &lt;&amp;&gt;!\|<title>&lt;&amp;&gt;<\/title>\|page\.htmlletter\.txtHello import\|true\|true$/,
  ],
  ["/later?which=missing", /^TemplateNotFoundError: .*"pgae\.html": .*did you mean "page\.html"/],
];

const LATER: readonly [path: string, answer: RegExp][] = [
  [
    "/later?which=loader",
    /^Error: Cannot compile template "a\.html": .*make the loader or the templ/,
  ],
  [
    "/later?which=template",
    /^Error: Cannot compile template "later\.html": this runtime does not ge/,
  ],
  // The same text, escaped in another way, is not the same template.
  [
    "/later?which=escaped",
    /^Error: Cannot compile template "<string>": this runtime does not gener/,
  ],
];

serviceTest(
  "workerd",
  "templates of texts that are made at import run in workerd, later ones name the way out",
  async () => {
    await using application = await BuiltApplication.write(FILES);
    const { templates } = await application.build({ target: "workers" });
    assertEquals(templates, 8);
    const code = await application.bundle();
    assertNotMatch(code, /new Function|\beval\(|parseExpressionAt/);
    await using worker = await startWorkerd({ "worker.js": code });
    for (const [path, answer] of [...ANSWERS, ...LATER]) {
      const response = await fetch(`http://127.0.0.1:${worker.port}${path}`);
      assertMatch(await response.text(), answer);
    }
  },
);

Deno.test("templates of texts run as they did before where code may be made of texts", async () => {
  await using application = await BuiltApplication.write(FILES);
  for (const shake of [true, false]) {
    await application.build({ shake });
    for (const [path, answer] of ANSWERS) assertMatch((await application.get(path)).text, answer);
    assertEquals((await application.get("/later?which=loader")).text, "made");
    assertEquals((await application.get("/later?which=relative")).text, "Dear Ada!");
  }
});

Deno.test("templates of texts are compiled for Workers without anything left out, too", async () => {
  await using application = await BuiltApplication.write(FILES);
  await application.build({ target: "workers", shake: false });
  // The bundle makes no code of texts, so Deno can run it as well.
  for (const [path, answer] of [...ANSWERS, ...LATER]) {
    assertMatch((await application.get(path)).text, answer);
  }
});

const NAMED: Readonly<Record<string, string>> = {
  DictLoader: `const loader = new DictLoader({
  "page.html": '<h1>{% module Template("part.html", { name }) %}</h1>',
  "part.html": "Hello {{ name }}",
});
class Page extends RequestHandler {
  override get() {
    return this.render("page.html", { name: "Ada" });
  }
}
export default new Application([["/", Page]], { templateLoader: loader });
`,
  Template: `const page = new Template("<h1>Hello {{ name }}</h1>");
class Page extends RequestHandler {
  override get() {
    this.setHeader("X-Made-By", "no DictLoader");
    this.write(page.generate({ name: "Ada" }));
  }
}
export default new Application([["/", Page]]);
`,
};

for (const [name, text] of Object.entries(NAMED)) {
  Deno.test(`texts of an application for Workers may name others than ${name}, which it makes`, async () => {
    const imports = `import { Application, ${name}, RequestHandler } from "@gustnado/gustnado";\n`;
    await using application = await BuiltApplication.write({ "app.ts": imports + text });
    await application.build({ target: "workers" });
    assertEquals((await application.get("/")).text, "<h1>Hello Ada</h1>");
  });
}
