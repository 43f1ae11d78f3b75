import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { bothWays } from "../../support/serve.ts";
import { encode, staticTree } from "./static_tree.ts";

const ROBOTS = "User-agent: *\nDisallow: /\n";
const LARGE = new Uint8Array(300_000).map((_, index) => index * 7);

const tree = staticTree({
  "robots.txt": ROBOTS,
  "favicon.ico": new Uint8Array([0, 0, 1, 0, 255]),
  "empty.txt": "",
  "caf\u00e9 #1?.txt": "coffee",
  "bom.txt": "\ufeffwith a mark",
  "latin1.txt": new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
  "emoji.txt": "\u{1f32a}".repeat(100),
  "sample.xml": "<a/>",
  "sample.xml.gz": new Uint8Array([0x1f, 0x8b]),
  "sample.xml.bz2": new Uint8Array([0x42, 0x5a]),
  "script.js": "export {};",
  "page.HTML": "<p>",
  "noextension": "?",
  "dir/index.html": "<p>index</p>",
  "dir/other.txt": "other",
  "nested/dir/index.html": "<p>nested</p>",
  "large.bin": LARGE,
});

const app = () => new Application([], { staticPath: tree.path });
const withDefault = () =>
  new Application([], {
    staticPath: tree.path,
    staticHandlerArgs: { defaultFilename: "index.html" },
  });

bothWays("static file is sent with type, tag, date and ranges", app, async (fetch) => {
  const response = await fetch("/static/robots.txt");
  assertEquals(response.status, 200);
  assertEquals(await response.text(), ROBOTS);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
  assertEquals(response.headers.get("accept-ranges"), "bytes");
  assertMatch(response.headers.get("etag") ?? "", /^"[\w-]{22}"$/);
  const modified = Deno.statSync(`${tree.path}/robots.txt`).mtime ?? new Date(NaN);
  assertEquals(response.headers.get("last-modified"), modified.toUTCString());
  assertEquals(response.headers.get("cache-control"), null);
  assertEquals(response.headers.get("vary"), null);
});

bothWays("static file is sent byte for byte, whatever is in it", app, async (fetch) => {
  for (
    const name of ["favicon.ico", "bom.txt", "latin1.txt", "emoji.txt", "empty.txt", "large.bin"]
  ) {
    const response = await fetch(`/static/${name}`);
    assertEquals(response.status, 200);
    assertEquals(await response.bytes(), Deno.readFileSync(`${tree.path}/${name}`), name);
  }
});

bothWays("static file has the media type of its extension", app, async (fetch) => {
  const types = {
    "robots.txt": "text/plain; charset=UTF-8",
    "script.js": "text/javascript; charset=UTF-8",
    "page.HTML": "text/html; charset=UTF-8",
    "sample.xml": "application/xml",
    "sample.xml.gz": "application/gzip",
    "sample.xml.bz2": "application/octet-stream",
    "noextension": "application/octet-stream",
    "large.bin": "application/octet-stream",
  };
  for (const [name, type] of Object.entries(types)) {
    const response = await fetch(`/static/${name}`, { method: "HEAD" });
    assertEquals(response.headers.get("content-type"), type, name);
  }
});

bothWays("static path also answers /robots.txt and /favicon.ico", app, async (fetch) => {
  assertEquals(await (await fetch("/robots.txt")).text(), ROBOTS);
  assertEquals((await (await fetch("/favicon.ico")).bytes()).length, 5);
  assertEquals((await fetch("/robots.txt/")).status, 404);
});

bothWays("static file is found by its percent-encoded name", app, async (fetch) => {
  const response = await fetch("/static/caf%C3%A9%20%231%3F.txt");
  assertEquals(await response.text(), "coffee");
  assertEquals((await fetch("/static/caf%E9.txt")).status, 400);
});

bothWays("static file that is not there is a 404", app, async (fetch) => {
  for (
    const path of [
      "/static/no.txt",
      "/static/no/file.txt",
      "/static/robots.txt/a",
      "/static/robots.txt/",
    ]
  ) {
    assertEquals((await fetch(path)).status, 404, path);
  }
  assertEquals((await fetch(`/static/${"a".repeat(5_000)}`)).status, 404);
});

bothWays("static file answers GET and HEAD only", app, async (fetch) => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await fetch("/static/robots.txt", { method });
    assertEquals(response.status, 405, method);
    assertEquals(response.headers.get("allow"), "GET, HEAD");
  }
});

bothWays("static file answers HEAD with the length and without the body", app, async (fetch) => {
  for (const name of ["robots.txt", "large.bin", "empty.txt"]) {
    const response = await fetch(`/static/${name}`, { method: "HEAD" });
    assertEquals(response.status, 200);
    assertEquals(
      response.headers.get("content-length"),
      String(Deno.statSync(`${tree.path}/${name}`).size),
    );
    assertEquals((await response.bytes()).length, 0);
    const full = await fetch(`/static/${name}`);
    await full.bytes();
    assertEquals(response.headers.get("etag"), full.headers.get("etag"));
    assertEquals(response.headers.get("content-type"), full.headers.get("content-type"));
  }
});

// ---- conditional requests

bothWays("static file is a 304 where the client has its tag", app, async (fetch) => {
  for (const name of ["robots.txt", "large.bin"]) {
    const head = await fetch(`/static/${name}`, { method: "HEAD" });
    const etag = head.headers.get("etag") ?? "";
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await fetch(`/static/${name}`, {
          method,
          headers: { "if-none-match": value },
        });
        assertEquals(response.status, 304, value);
        assertEquals(response.headers.get("etag"), etag);
        assertEquals(response.headers.get("content-type"), null);
        assertEquals(await response.text(), "");
      }
    }
    const other = await fetch(`/static/${name}`, { headers: { "if-none-match": '"other"' } });
    assertEquals(other.status, 200);
    await other.bytes();
  }
});

bothWays("static file is a 304 where it was not modified since", app, async (fetch) => {
  const modified = (await fetch("/static/robots.txt")).headers.get("last-modified") ?? "";
  const at = (offset: number) => new Date(Date.parse(modified) + offset).toUTCString();
  const status = async (value: string) =>
    (await fetch("/static/robots.txt", { headers: { "if-modified-since": value } })).status;
  assertEquals(await status(modified), 304);
  assertEquals(await status(at(60_000)), 304);
  assertEquals(await status(at(-1_000)), 200);
  assertEquals(await status("not a date"), 200);
  assertEquals(await status("0"), 200);
});

bothWays("static file goes by the tag where the client sends tag and date", app, async (fetch) => {
  const { headers } = await fetch("/static/robots.txt");
  const modified = headers.get("last-modified") ?? "";
  const stale = { "if-none-match": '"other"', "if-modified-since": modified };
  assertEquals((await fetch("/static/robots.txt", { headers: stale })).status, 200);
  const old = {
    "if-none-match": headers.get("etag") ?? "",
    "if-modified-since": new Date(0).toUTCString(),
  };
  assertEquals((await fetch("/static/robots.txt", { headers: old })).status, 304);
});

bothWays("static file is a 304 before its range is looked at", app, async (fetch) => {
  const etag = (await fetch("/static/robots.txt")).headers.get("etag") ?? "";
  for (const range of ["bytes=0-4", "bytes=1000-"]) {
    const response = await fetch("/static/robots.txt", {
      headers: { "if-none-match": etag, range },
    });
    assertEquals(response.status, 304);
    assertEquals(response.headers.get("content-range"), null);
  }
});

// ---- directories

bothWays("directory without a default file is a 403", app, async (fetch) => {
  for (const path of ["/static/", "/static/dir", "/static/dir/"]) {
    assertEquals((await fetch(path)).status, 403, path);
  }
});

bothWays("directory is answered with its default file", withDefault, async (fetch) => {
  const response = await fetch("/static/dir/");
  assertEquals(await response.text(), "<p>index</p>");
  assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
  assertEquals(await (await fetch("/static/nested/dir/")).text(), "<p>nested</p>");
  assertEquals((await fetch("/static/nested/")).status, 404);
  assertEquals((await fetch("/static/")).status, 404);
});

bothWays("directory without a slash is redirected, with the query", withDefault, async (fetch) => {
  const response = await fetch("/static/dir");
  assertEquals(response.status, 301);
  assertEquals(response.headers.get("location"), "/static/dir/");
  const query = await fetch("/static/dir?a=1&b=%2F");
  assertEquals(query.headers.get("location"), "/static/dir/?a=1&b=%2F");
});

// ---- versions

bothWays(
  "version in the URL keeps the file for ten years where it is current",
  app,
  async (fetch) => {
    const etag = (await fetch("/static/robots.txt")).headers.get("etag") ?? "";
    const version = etag.slice(1, -1);
    for (const query of [`v=${version}`, `a=1&v=${version}`, `v=0&v=${version}`]) {
      const response = await fetch(`/static/robots.txt?${query}`);
      assertEquals(response.headers.get("cache-control"), "max-age=315360000, immutable", query);
    }
    const cached = await fetch(`/static/robots.txt?v=${version}`, {
      headers: { "if-none-match": etag },
    });
    assertEquals(cached.status, 304);
    assertEquals(cached.headers.get("cache-control"), "max-age=315360000, immutable");
  },
);

bothWays("version in the URL that is not current must be revalidated", app, async (fetch) => {
  for (const query of ["v=old", "v="]) {
    const response = await fetch(`/static/robots.txt?${query}`);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("cache-control"), "no-cache", query);
  }
  assertEquals((await fetch("/static/robots.txt?w=1")).headers.get("cache-control"), null);
});

Deno.test("static file that is held is answered in the same turn of the loop", async () => {
  const application = app();
  const request = () => new Request("http://localhost/static/robots.txt");
  await application.fetch(request());
  assert(application.fetch(request()) instanceof Response);
});

Deno.test("static file may be served from a directory below the working directory", async () => {
  const path = `./${Deno.makeTempDirSync({ dir: "." }).split("/").at(-1)}/`;
  try {
    Deno.writeTextFileSync(`${path}/a.txt`, "relative");
    const application = new Application([["/(.*)", StaticFileHandler, { path }]]);
    const get = (path: string) => application.fetch(new Request(`http://localhost${path}`));
    assertEquals(await (await get("/a.txt")).text(), "relative");
    assertEquals((await get("/../deno.json")).status, 404);
    assertEquals((await get("/..%2fdeno.json")).status, 403);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("static file of a directory that is not there is a 404", async () => {
  const application = new Application([], { staticPath: `${tree.path}/missing` });
  const response = await application.fetch(new Request("http://localhost/static/a.txt"));
  assertEquals(response.status, 404);
  assertFalse((await response.bytes()).length === encode("").length);
});
