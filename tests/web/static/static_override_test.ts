import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import type { FileContent, FilePart } from "../../../src/web/static/file_content.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import type { StaticFileOptions } from "../../../src/web/static/settings.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays, serve } from "../../support/serve.ts";
import { MemoryFiles, staticTree } from "./static_tree.ts";

const tree = staticTree({
  "robots.txt": "User-agent: *\n",
  "a b#c.txt": "odd",
  "large.txt": "x".repeat(2_000_000),
  "dir/a.txt": "a",
});

/** Writes a path of its own into the response, as pages do with URLs. */
class UrlHandler extends RequestHandler {
  override get(path: string): void {
    const includeHost = this.getArgument("host", "") !== "";
    const includeVersion = this.getArgument("version", "1") !== "0";
    this.write(this.staticUrl(path, { includeHost, includeVersion }));
  }
}

function application(settings: ApplicationSettings = {}): Application {
  return new Application([["/url/(.*)", UrlHandler]], { staticPath: tree.path, ...settings });
}

// ---- URLs

bothWays("static URL has the version that the file is kept with", application, async (fetch) => {
  const url = await (await fetch("/url/robots.txt")).text();
  const etag = (await fetch("/static/robots.txt")).headers.get("etag") ?? "";
  assertEquals(url, `/static/robots.txt?v=${etag.slice(1, -1)}`);
  const response = await fetch(url);
  assertEquals(response.headers.get("cache-control"), "max-age=315360000, immutable");
  await response.bytes();
});

bothWays("static URL of a large file has a version too", application, async (fetch) => {
  const url = await (await fetch("/url/large.txt")).text();
  const response = await fetch(url);
  assertEquals(response.headers.get("cache-control"), "max-age=315360000, immutable");
  await response.bytes();
});

bothWays(
  "static URL has the host and leaves the version out, if that is wanted",
  application,
  async (fetch) => {
    assertEquals(await (await fetch("/url/robots.txt?version=0")).text(), "/static/robots.txt");
    const host = await (await fetch("/url/robots.txt?version=0&host=1")).text();
    const expected = new URL(host);
    assertEquals(expected.pathname, "/static/robots.txt");
    assertEquals(expected.protocol, "http:");
  },
);

bothWays("static URL of an odd name leads to the file", application, async (fetch) => {
  const url = await (await fetch("/url/a%20b%23c.txt")).text();
  assertEquals(url.startsWith("/static/a%20b%23c.txt?v="), true);
  assertEquals(await (await fetch(url)).text(), "odd");
});

bothWays("static URL of a file that cannot be read has no version", application, async (fetch) => {
  using records = captureLogs();
  for (const path of ["missing.txt", "dir", "%2e%2e%2f%2e%2e%2fetc/passwd"]) {
    const url = await (await fetch(`/url/${path}`)).text();
    assertEquals(url.includes("?v="), false, url);
    await expectLog(records, "error", /Could not open static file/);
  }
});

Deno.test("static URL needs the static path", () => {
  const app = new Application();
  class Probe extends RequestHandler {
    override get(): void {
      this.write(
        String(assertThrows(() => this.staticUrl("a"), Error, 'set "staticPath"').message),
      );
    }
  }
  const response = new Application([["/", Probe]]).fetch(new Request("http://localhost/"));
  assertEquals((response as Response).status, 200);
  assertEquals(app.staticUrl("a", { includeVersion: false }), "/static/a");
});

bothWays(
  "static files stand under the prefix",
  () => application({ staticUrlPrefix: "/s:1/" }),
  async (fetch) => {
    assertEquals(await (await fetch("/url/robots.txt?version=0")).text(), "/s:1/robots.txt");
    assertEquals((await fetch("/s:1/robots.txt")).status, 200);
    assertEquals((await fetch("/static/robots.txt")).status, 404);
    assertEquals((await fetch("/robots.txt")).status, 200);
  },
);

Deno.test("static routes come before all others, and their arguments stay as they are", async () => {
  class Other extends RequestHandler {
    override get(): void {
      this.write("other");
    }
  }
  const staticHandlerArgs = Object.freeze({ defaultFilename: "a.txt" });
  const app = new Application([["/(.*)", Other]], { staticPath: tree.path, staticHandlerArgs });
  const text = async (path: string) =>
    await (await app.fetch(new Request(`http://localhost${path}`))).text();
  assertEquals(await text("/static/dir/"), "a");
  assertEquals(await text("/robots.txt"), "User-agent: *\n");
  assertEquals(await text("/static"), "other");
  assertEquals(staticHandlerArgs, { defaultFilename: "a.txt" });
});

Deno.test("static settings are checked when the application is built", () => {
  const wrong = [
    { staticPath: 1 },
    { staticUrlPrefix: "static/" },
    { staticUrlPrefix: "/static" },
    { staticUrlPrefix: "/(static)/" },
    { staticHandlerClass: RequestHandler },
    { staticHandlerClass: {} },
    { staticHandlerArgs: "index.html" },
    { staticPath: "x", staticHandlerArgs: { default_filename: "index.html" } },
    { staticHashCache: 1 },
    { staticCacheSize: -1 },
  ];
  for (const settings of wrong) {
    assertThrows(() => new Application([], settings as ApplicationSettings), TypeError, "static");
  }
});

Deno.test("directory that a subclass leaves out is an error at the first request", async () => {
  using records = captureLogs();
  class Lost extends StaticFileHandler {
    override initialize() {
      super.initialize({} as StaticFileOptions);
    }
  }
  const app = new Application([["/(.*)", Lost]]);
  assertEquals((await app.fetch(new Request("http://localhost/a"))).status, 500);
  await expectLog(records, "error", /give the route a "path"/);
});

Deno.test("directory that is not there is told once, in the log", async () => {
  using records = captureLogs();
  const app = new Application([
    ["/a/(.*)", StaticFileHandler, { path: "/nowhere/./a" }],
    ["/b/(.*)", StaticFileHandler, { path: tree.path }],
    ["/c/(.*)", StaticFileHandler, { path: `${tree.path}/robots.txt` }],
  ]);
  const status = async (path: string) =>
    (await app.fetch(new Request(`http://localhost${path}`))).status;
  for (const name of ["x", "y"]) {
    for (const route of ["a", "b", "c"]) assertEquals(await status(`/${route}/${name}`), 404);
  }
  const expected = /Cannot serve static files from "?\/nowhere\/a"?: there is no such directory/;
  await expectLog(records, "warning", expected);
  await expectLog(records, "warning", /robots.txt"?: there is no such directory/);
});

Deno.test("static path that is not there is told when a server starts", async () => {
  using records = captureLogs();
  const app = new Application([], { staticPath: "/nowhere/b" });
  await using _server = serve(app);
  await expectLog(records, "warning", /Cannot serve static files from "?\/nowhere\/b"?/);
});

Deno.test("static URL follows links out of the root where requests do", async () => {
  using records = captureLogs();
  const files = new MemoryFiles();
  files.write("/www/a.txt", "a", { realPath: "/elsewhere/a.txt" });
  files.write("/www/b.txt", "b", { error: new Error("Bad disk") });
  const create = (followSymlinks: boolean) =>
    new Application([], {
      staticPath: "/www",
      staticHandlerClass: StaticFileHandler,
      staticHandlerArgs: { followSymlinks },
      platform: files.platform,
    });
  assertEquals(create(false).staticUrl("a.txt"), "/static/a.txt");
  await expectLog(records, "error", /Could not open static file/);
  assertEquals(create(true).staticUrl("a.txt").startsWith("/static/a.txt?v="), true);
  assertEquals(create(true).staticUrl("b.txt"), "/static/b.txt");
  await expectLog(records, "error", /Bad disk/);
});

Deno.test("static URL has its version from the first request on", async () => {
  const app = application();
  assertThrows(() => app.staticUrl("robots.txt"), Error, '"staticHandlerClass"');
  assertEquals(app.staticUrl("robots.txt", { includeVersion: false }), "/static/robots.txt");
  await app.fetch(new Request("http://localhost/robots.txt"));
  assertMatch(app.staticUrl("robots.txt"), /^\/static\/robots\.txt\?v=\w+$/);
});

Deno.test("a class of static files that the settings name answers in the same turn", () => {
  const app = application({ staticHandlerClass: StaticFileHandler });
  const response = app.fetch(new Request("http://localhost/url/robots.txt?version=0"));
  assert(response instanceof Response);
});

Deno.test("a mounted application serves its static files from its first request on", async () => {
  const inner = new Application([], { staticPath: tree.path });
  const outer = new Application([["/static/(.*)", inner]]);
  const response = await outer.fetch(new Request("http://localhost/static/robots.txt"));
  assertEquals(await response.text(), "User-agent: *\n");
});

// ---- a class of one's own

const own = () => application({ staticHandlerClass: OwnPaths });

/** Puts the version into the name: `robots.42.txt`. */
class OwnPaths extends StaticFileHandler {
  static override makeStaticUrl(settings: ApplicationSettings, path: string): string {
    const dot = path.lastIndexOf(".");
    const version = this.getVersion(settings, path);
    return `/static/${path.slice(0, dot)}.${version}${path.slice(dot)}`;
  }

  static override getVersion(_settings: ApplicationSettings, _path: string): string {
    return "42";
  }

  override parseUrlPath(urlPath: string): string {
    return super.parseUrlPath(urlPath.replace(/\.\w+(\.\w+)$/, "$1"));
  }

  override setExtraHeaders(path: string): void {
    this.setHeader("X-Path", path);
  }

  override getCacheTime(path: string): number {
    return path === "robots.txt" ? 60_000 : super.getCacheTime(path, this.modified, "");
  }
}

bothWays("static class may make and read URLs of its own", own, async (fetch) => {
  const url = await (await fetch("/url/robots.txt")).text();
  assertEquals(url, "/static/robots.42.txt");
  const response = await fetch(url);
  assertEquals(await response.text(), "User-agent: *\n");
  assertEquals(response.headers.get("x-path"), "robots.txt");
  assertEquals(response.headers.get("cache-control"), "max-age=60");
});

bothWays("static class may have versions of its own", own, async (fetch) => {
  const current = await fetch("/static/dir/a.1.txt?v=42");
  assertEquals(current.headers.get("cache-control"), "max-age=315360000, immutable");
  const other = await fetch("/static/dir/a.1.txt?v=41");
  assertEquals(other.headers.get("cache-control"), "no-cache");
});

/** Serves what is in no file, as Tornado's own test does. */
class FromMemory extends StaticFileHandler {
  static override getAbsolutePath(_root: string, path: string): string {
    return `memory:${path}`;
  }

  static override getContent(absolutePath: string, part: FilePart): FileContent {
    if (absolutePath !== "memory:foo.txt") throw new Error(`Unexpected path ${absolutePath}`);
    return "0123456789".slice(part.start, part.end);
  }

  override validateAbsolutePath(_root: string, absolutePath: string): string | Promise<string> {
    if (absolutePath === "memory:later.txt") return Promise.resolve("memory:foo.txt");
    if (absolutePath !== "memory:foo.txt") throw new HTTPError(404);
    return absolutePath;
  }

  override getContentSize(): number {
    return 10;
  }
}

const memory = () => application({ staticHandlerClass: FromMemory });

bothWays("static class may serve what is in no file", memory, async (fetch) => {
  const response = await fetch("/static/foo.txt");
  assertEquals(await response.text(), "0123456789");
  assertEquals(response.headers.get("last-modified"), null);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
  const etag = response.headers.get("etag") ?? "";
  assertEquals(
    (await fetch("/static/foo.txt", { headers: { "if-none-match": etag } })).status,
    304,
  );
  const part = await fetch("/static/foo.txt", { headers: { range: "bytes=2-4" } });
  assertEquals(await part.text(), "234");
  const head = await fetch("/static/foo.txt", { method: "HEAD" });
  assertEquals(head.headers.get("content-length"), "10");
  assertEquals((await fetch("/static/bar.txt")).status, 404);
  assertEquals(
    await (await fetch("/url/foo.txt")).text(),
    `/static/foo.txt?v=${etag.slice(1, -1)}`,
  );
});

bothWays("static class may take its time to find a file", memory, async (fetch) => {
  assertEquals(await (await fetch("/static/later.txt")).text(), "0123456789");
});

/** Gives its content piece by piece, or later, and knows no version of it. */
class Pieces extends StaticFileHandler {
  static override getContent(_path: string, { start = 0, end }: FilePart): Promise<FileContent> {
    const text = "0123456789".slice(start, end);
    if (start === 1) return Promise.resolve(text);
    return Promise.resolve((function* () {
      for (const character of text) yield character;
    })());
  }

  override getContentSize(): number {
    return 10;
  }

  override shouldReturn304(): boolean {
    return false;
  }

  override getContentType(): string {
    return "";
  }
}

bothWays(
  "static class may give its content piece by piece",
  () => application({ staticHandlerClass: Pieces }),
  async (fetch) => {
    const response = await fetch("/static/robots.txt");
    assertEquals(await response.text(), "0123456789");
    assertEquals(response.headers.get("content-length"), "10");
    assertEquals(response.headers.get("etag"), null);
    const later = await fetch("/static/robots.txt", { headers: { range: "bytes=1-2" } });
    assertEquals(await later.text(), "12");
  },
);

bothWays(
  "static class has the last word on what is a 304",
  () => application({ staticHandlerClass: Never304 }),
  async (fetch) => {
    const { headers } = await fetch("/static/robots.txt");
    const etag = headers.get("etag") ?? "";
    assertEquals(etag, '"mine"');
    assertEquals(
      (await fetch("/static/robots.txt", { headers: { "if-none-match": etag } })).status,
      200,
    );
  },
);

class Never304 extends StaticFileHandler {
  override shouldReturn304(): boolean {
    return false;
  }

  override computeEtag(): string {
    return '"mine"';
  }

  static override getContentVersion(): string {
    return "mine";
  }
}

/** Upper-cases files. */
class Shouting extends StaticFileHandler {
  static override getContent(absolutePath: string, { files }: FilePart): FileContent {
    return new TextDecoder().decode(files.readFileSync(absolutePath)).toUpperCase();
  }
}

bothWays(
  "static class that changes content gives the changed one its own version",
  () => application({ staticHandlerClass: Shouting }),
  async (fetch) => {
    const shouted = await fetch("/static/robots.txt");
    assertEquals(await shouted.text(), "USER-AGENT: *\n");
    const plain = await application().fetch(new Request("http://localhost/static/robots.txt"));
    assertEquals(shouted.headers.get("etag") === plain.headers.get("etag"), false);
  },
);

Deno.test("static content is there for classes that build on it", async () => {
  const { files } = application().platform;
  const content = await StaticFileHandler.getContent(`${tree.path}/dir/a.txt`, { files });
  assertEquals(content instanceof ReadableStream && await new Response(content).text(), "a");
  const version = StaticFileHandler.getContentVersion(`${tree.path}/dir/a.txt`, { files });
  assertEquals(version?.length, 22);
  assertEquals(StaticFileHandler.getContentVersion(`${tree.path}/dir`, { files }), null);
  const missing = await StaticFileHandler.getContent(`${tree.path}/missing`, { files });
  assertEquals(missing instanceof ReadableStream, true);
});

/** Looks elsewhere than the path says, and forgets to say how large that is. */
class Moved extends StaticFileHandler {
  override validateAbsolutePath(_root: string, path: string): string {
    return path.replace("moved", "robots").replace("gone", "missing");
  }
}

bothWays(
  "static class may move a path",
  () => application({ staticHandlerClass: Moved }),
  async (fetch) => {
    assertEquals(await (await fetch("/static/moved.txt")).text(), "User-agent: *\n");
    assertEquals((await fetch("/static/gone.txt")).status, 404);
  },
);
