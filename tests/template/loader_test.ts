import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BaseLoader } from "../../src/template/loaders/base_loader.ts";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { Loader } from "../../src/template/loaders/loader.ts";
import { ParseError } from "../../src/template/syntax/parse_error.ts";
import { Template } from "../../src/template/template.ts";
import {
  resolveTemplatePath,
  TemplateNotFoundError,
} from "../../src/template/loaders/template_path.ts";

/** Makes a directory with files, and removes it afterwards. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (directory: string) => void | Promise<void>,
): Promise<void> {
  const directory = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${directory}/${name}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, text);
    }
    await test(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("loader reads templates from its directory, relative to each other", async () => {
  const files = {
    "base.html": "<b>{% block x %}{% end %}</b>",
    "sub/page.html": "{% extends ../base.html %}{% block x %}{% include part.html %}{% end %}",
    "sub/part.html": "H\u00e9llo {{ name }}",
  };
  await withFiles(files, (root) => {
    const loader = new Loader(root);
    assertEquals(loader.load("sub/page.html").generate({ name: "<" }), "<b>H\u00e9llo &lt;</b>");
    assertEquals(
      new Loader(`${root}/sub/`).load("part.html").generate({ name: 1 }),
      "H\u00e9llo 1",
    );
  });
});

Deno.test("loader tells a missing template from those beside it and in the root", async () => {
  await withFiles({ "home.html": "", "sub/page.html": "", "sub/part.html": "" }, (root) => {
    const loader = new Loader(root);
    const refusal = (name: string) =>
      assertThrows(() => loader.load(name), TemplateNotFoundError).message;
    assertStringIncludes(refusal("sub/pge.html"), 'did you mean "sub/page.html"?');
    assertStringIncludes(refusal("sub/home.html"), 'did you mean "home.html"?');
    assertStringIncludes(refusal("home"), 'did you mean "home.html"?');
    assertEquals(refusal("home.html/no-such.html").includes("mean"), false);
    assertEquals(refusal("elsewhere/x").includes("mean"), false);
  });
});

Deno.test("loader refuses every name that leaves its root", async () => {
  await withFiles(
    { "root/in.html": "in", "out.html": "secret", "root2/x.html": "secret" },
    (dir) => {
      Deno.symlinkSync(`${dir}/out.html`, `${dir}/root/link.html`);
      Deno.symlinkSync(`${dir}/root2`, `${dir}/root/dir`);
      Deno.symlinkSync(`${dir}/root/in.html`, `${dir}/root/inside.html`);
      const loader = new Loader(`${dir}/root`);
      const refused = [
        "../out.html",
        "a/../../out.html",
        "./../out.html",
        "../root2/x.html",
        `${dir}/out.html`,
        "/etc/passwd",
        "//etc/passwd",
        "~/x",
        "C:/x",
        "c:\\x",
        "..\\out.html",
        "in.html\0",
        "in.html\0.txt",
        "",
        ".",
        "..",
        "a/..",
        "link.html",
        "dir/x.html",
        "no-such.html",
        "in.html/x",
        "x".repeat(5000),
      ];
      for (const name of refused) {
        const error = assertThrows(() => loader.load(name), TemplateNotFoundError);
        assertEquals(error.templateName, name);
        assert(!error.message.includes("secret"));
      }
      assertEquals(loader.load("inside.html").generate(), "in");
      assertThrows(() => loader.load("../../out.html", "sub/page.html"), TemplateNotFoundError);
      Deno.mkdirSync(`${dir}/root/folder`);
      assertThrows(() => loader.load("folder"), TemplateNotFoundError, "it is not a file");
    },
  );
});

Deno.test("a template path never leaves the root, whatever it is made of", () => {
  const segment = fc.constantFrom("..", ".", "", "a", "b.html", "/", "\\", "\0", "~", "C:");
  fc.assert(fc.property(fc.array(segment), fc.option(fc.array(segment)), (name, parent) => {
    let path;
    try {
      path = resolveTemplatePath(name.join("/"), parent?.join("/") ?? "<string>");
    } catch (error) {
      assert(error instanceof TemplateNotFoundError);
      return;
    }
    assert(path.split("/").every((each) => each !== ".." && each !== "." && each !== ""));
  }));
});

Deno.test("loader says which directory is missing", () => {
  const error = assertThrows(
    () => new Loader("/no/such/dir").load("a.html"),
    TemplateNotFoundError,
  );
  assertStringIncludes(error.message, `there is no directory "/no/such/dir"`);
});

Deno.test("loader touches no file for a template that it has, and reads anew after reset", async () => {
  await withFiles({ "page.html": "one" }, (root) => {
    const loader = new Loader(root);
    assertEquals(loader.load("page.html").generate(), "one");
    Deno.writeTextFileSync(`${root}/page.html`, "two");
    assertEquals(loader.load("page.html").generate(), "one");
    loader.reset();
    assertEquals(loader.load("page.html").generate(), "two");
    Deno.renameSync(`${root}/page.html`, `${root}/gone.html`);
    assertEquals(loader.load("page.html").generate(), "two");
  });
});

Deno.test("loader reports a template that is not UTF-8", async () => {
  await withFiles({ "page.html": "" }, (root) => {
    Deno.writeFileSync(`${root}/page.html`, Uint8Array.of(0x61, 0xff));
    const error = assertThrows(() => new Loader(root).load("page.html"), ParseError);
    assertEquals(error.reason, "Template is not UTF-8");
  });
});

Deno.test("loader skips a byte order mark", async () => {
  await withFiles({ "page.html": "\ufeffone" }, (root) => {
    assertEquals(new Loader(root).load("page.html").generate(), "one");
  });
});

Deno.test("dict loader knows no name of a prototype", () => {
  const loader = new DictLoader({ "a.html": "a" });
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assertThrows(() => loader.load(name), TemplateNotFoundError);
  }
});

Deno.test("a template that extends or includes itself is an error that shows the circle", () => {
  const loader = new DictLoader({
    "a.html": "{% include b.html %}",
    "b.html": "\n{% include a.html %}",
    "c.html": "{% extends c.html %}",
  });
  const included = assertThrows(() => loader.load("a.html"), ParseError);
  assertEquals(included.reason, `Template "a.html" contains itself: a.html → b.html → a.html`);
  assertEquals([included.filename, included.line], ["b.html", 2]);
  const extended = assertThrows(() => loader.load("c.html"), ParseError);
  assertEquals(extended.reason, `Template "c.html" contains itself: c.html → c.html`);
  assertThrows(() => loader.load("a.html"), ParseError);
});

Deno.test("a missing template is an error at the tag that names it", () => {
  const loader = new DictLoader({ "a.html": "one\n{% include nope.html %}" });
  const error = assertThrows(() => loader.load("a.html"), ParseError);
  assertEquals(error.reason, `Cannot load template "nope.html": there is no such template`);
  assertEquals(error.line, 2);
  assert(error.cause instanceof TemplateNotFoundError);
});

Deno.test("includes that multiply are refused before they fill the memory", () => {
  const sources: Record<string, string> = { "0": "x" };
  for (let level = 1; level <= 20; level++) {
    sources[level] = `{% include ${level - 1} %}`.repeat(2);
  }
  const error = assertThrows(() => new DictLoader(sources).load("20"), ParseError);
  assertEquals(error.reason, "More than 10000 blocks and includes in one page");
});

Deno.test("a loader of one's own says where templates come from", () => {
  class Upper extends BaseLoader {
    override resolvePath(name: string): string {
      return name.toUpperCase();
    }
    protected override createTemplate(name: string): Template {
      return new Template(`${name} {{ x }}`, { name, loader: this });
    }
  }
  assertEquals(new Upper().load("a").generate({ x: "<" }), "A &lt;");
});

Deno.test("an unknown whitespace mode is refused by loaders and templates", () => {
  // @ts-expect-error -- the types refuse it as well
  assertThrows(() => new DictLoader({}, { whitespace: "most" }), RangeError, '"most"');
  // @ts-expect-error -- the types refuse it as well
  assertThrows(() => new Template("", { whitespace: "most" }), RangeError, '"most"');
});

Deno.test("mistake in an expression has no stack of the parser below it", () => {
  const loader = new DictLoader({ "page.html": "{{ a b }}" });
  const error = assertThrows(() => loader.load("page.html"), ParseError);
  assertEquals(error.cause, undefined);
});
