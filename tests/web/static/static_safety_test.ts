import { assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import type { StaticFileOptions } from "../../../src/web/static/settings.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { bothWays, serve } from "../../support/serve.ts";
import { MemoryFiles, staticTree } from "./static_tree.ts";

const SECRET = "secret";

const tree = staticTree({
  "static/robots.txt": "public",
  "static/dir/a.txt": "a",
  "static/dir/index.html": "index",
  "static/.env": SECRET,
  "static/.git/config": SECRET,
  "static/.well-known/security.txt": "public",
  "static_foo.txt": SECRET,
  "secret.txt": SECRET,
  "elsewhere/b.txt": SECRET,
});

Deno.test.beforeAll(() => {
  const link = (target: string, name: string) =>
    Deno.symlinkSync(`${tree.path}/${target}`, `${tree.path}/static/${name}`);
  link("static/dir/a.txt", "inside.txt");
  link("static/dir", "inside");
  link("secret.txt", "outside.txt");
  link("elsewhere", "outside");
  link("static_foo.txt", "sibling.txt");
  link("static/loop", "loop");
  Deno.symlinkSync(`${tree.path}/static`, `${tree.path}/link`);
});

function files(options: Partial<StaticFileOptions> = {}): () => Application {
  const settings = { staticHandlerArgs: options };
  return () => new Application([], { staticPath: `${tree.path}/static`, ...settings });
}

/** Targets that no client library would send as they are. */
const TRAVERSALS = [
  "/static/../secret.txt",
  "/static/../static_foo.txt",
  "/static/%2e%2e/secret.txt",
  "/static/%2E%2E%2Fsecret.txt",
  "/static/..%2fsecret.txt",
  "/static/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
  "/static/dir/../../secret.txt",
  "/static/dir/%2e%2e/%2e%2e/secret.txt",
  "/static/./.././secret.txt",
  "/static//etc/passwd",
  "/static/%2fetc/passwd",
  "/static/..",
];

Deno.test("path that leaves the root is a 403", async () => {
  using records = captureLogs();
  await using server = serve(files()());
  for (const target of TRAVERSALS) {
    const response = await rawRequest(
      server.port,
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assertEquals(response.status, 403, target);
    assertEquals(response.text.includes(SECRET), false);
    await expectLog(records, "warning", /is not in root static directory/);
  }
});

Deno.test("path that comes back into the root is a 404", async () => {
  await using server = serve(files()());
  const status = async (target: string) => {
    const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    return (await rawRequest(server.port, request)).status;
  };
  assertEquals(await status("/static/dir/../robots.txt"), 404);
  assertEquals(await status("/static/../static/robots.txt"), 404);
  assertEquals(await status("/static/./dir//a.txt"), 404);
});

bothWays("path with a NUL or a backslash is a 404", files(), async (fetch) => {
  for (
    const name of ["robots.txt%00", "%00", "dir%5ca.txt", "..%5csecret.txt", "%5c..%5csecret.txt"]
  ) {
    assertEquals((await fetch(`/static/${name}`)).status, 404, name);
  }
});

bothWays("name of a device of Windows is a 404", files({ dotFiles: true }), async (fetch) => {
  for (const name of ["con", "NUL.txt", "dir/aux", "COM1", "lpt9.log"]) {
    Deno.mkdirSync(`${tree.path}/static/dir`, { recursive: true });
    Deno.writeTextFileSync(`${tree.path}/static/${name}`, SECRET);
    assertEquals((await fetch(`/static/${name}`)).status, 404, name);
  }
});

bothWays("file that begins with a dot is a 404", files(), async (fetch) => {
  for (const name of [".env", ".git/config", ".git", "%2eenv", "dir/../.env"]) {
    assertEquals((await fetch(`/static/${name}`)).status, 404, name);
  }
  assertEquals(await (await fetch("/static/.well-known/security.txt")).text(), "public");
});

bothWays(
  "file that begins with a dot is served if that is wanted",
  files({ dotFiles: true }),
  async (fetch) => {
    assertEquals(await (await fetch("/static/.env")).text(), SECRET);
    assertEquals(await (await fetch("/static/.git/config")).text(), SECRET);
  },
);

bothWays("symbolic link is followed within the root", files(), async (fetch) => {
  assertEquals(await (await fetch("/static/inside.txt")).text(), "a");
  assertEquals(await (await fetch("/static/inside/a.txt")).text(), "a");
});

bothWays("symbolic link out of the root is a 403", files(), async (fetch) => {
  using records = captureLogs();
  for (const name of ["outside.txt", "outside/b.txt", "sibling.txt"]) {
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`/static/${name}`);
      assertEquals(response.status, 403, name);
      assertEquals((await response.text()).includes(SECRET), false);
      await expectLog(records, "warning", /is not in root static directory/);
    }
  }
  assertEquals((await fetch("/static/loop")).status, 404);
});

bothWays(
  "symbolic link out of the root is followed if that is wanted",
  files({ followSymlinks: true }),
  async (fetch) => {
    for (const name of ["outside.txt", "outside/b.txt"]) {
      assertEquals(await (await fetch(`/static/${name}`)).text(), SECRET, name);
    }
  },
);

bothWays("link that one route may follow stays closed to another", () => {
  const path = `${tree.path}/static`;
  return new Application([
    ["/open/(.*)", StaticFileHandler, { path, followSymlinks: true }],
    ["/closed/(.*)", StaticFileHandler, { path }],
  ]);
}, async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/open/outside.txt")).status, 200);
  assertEquals((await fetch("/closed/outside.txt")).status, 403);
  await expectLog(records, "warning", /is not in root static directory/);
});

bothWays(
  "root that is a symbolic link is served",
  () => new Application([], { staticPath: `${tree.path}/link` }),
  async (fetch) => {
    assertEquals(await (await fetch("/static/robots.txt")).text(), "public");
  },
);

Deno.test("directory is not redirected to a path that begins with two slashes", async () => {
  using records = captureLogs();
  const args = { path: `${tree.path}/static`, defaultFilename: "index.html" };
  await using server = serve(new Application([["//(.*)", StaticFileHandler, args]]));
  const request = (target: string) =>
    rawRequest(server.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  const response = await request("//dir");
  assertEquals(response.status, 403);
  assertEquals(response.header("location"), null);
  await expectLog(records, "warning", /two initial slashes/);
  assertEquals((await request("/dir")).status, 404);
});

Deno.test("device and socket are a 403", async () => {
  using records = captureLogs();
  using _socket = Deno.listen({ transport: "unix", path: `${tree.path}/static/socket` });
  const response = await files()().fetch(new Request("http://localhost/static/socket"));
  assertEquals(response.status, 403);
  await expectLog(records, "warning", /is not a file/);
});

// ---- other systems

function memory(files: MemoryFiles, staticPath: string): Application {
  return new Application([], { staticPath, platform: files.platform });
}

Deno.test("file that may not be read is a 403", async () => {
  using records = captureLogs();
  const files = new MemoryFiles();
  files.write("/www/a.txt", SECRET, {
    error: Object.assign(new Error("denied"), { code: "EACCES" }),
  });
  const response = await memory(files, "/www").fetch(new Request("http://localhost/static/a.txt"));
  assertEquals(response.status, 403);
  await expectLog(records, "warning", /may not be read/);
});

Deno.test("file that fails to be read is a 500", async () => {
  using records = captureLogs();
  const files = new MemoryFiles();
  files.write("/www/a.txt", SECRET, { error: new Error("Bad disk") });
  const response = await memory(files, "/www").fetch(new Request("http://localhost/static/a.txt"));
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("disk"), false);
  await expectLog(records, "error", /Bad disk/);
});

Deno.test("file on Windows is found with slashes, and under no other name", async () => {
  const files = new MemoryFiles({ windows: true });
  files.write("C:\\www\\dir\\a.txt", "found");
  files.write("C:\\www\\a.txt", "found");
  const app = memory(files, "C:\\www");
  const get = (path: string) => app.fetch(new Request(`http://localhost/static/${path}`));
  assertEquals(await (await get("dir/a.txt")).text(), "found");
  for (
    const name of [
      "dir%5ca.txt",
      "a.txt::$DATA",
      "a.txt.",
      "a.txt%20",
      "NUL",
      "DIR~1/a.txt",
    ]
  ) {
    assertEquals((await get(name)).status, 404, name);
  }
});

Deno.test("drive of Windows is no way out of the root", async () => {
  using records = captureLogs();
  const files = new MemoryFiles({ windows: true });
  files.write("C:\\www\\a.txt", "found");
  files.write("D:\\secret.txt", SECRET);
  for (const name of ["D:/secret.txt", "C:a.txt", "D:%2fsecret.txt", "/D:/secret.txt"]) {
    const app = memory(files, "C:\\www");
    const response = await app.fetch(new Request(`http://localhost/static/${name}`));
    assertEquals(response.status, 403, name);
    assertStringIncludes(await response.text(), "403");
    await expectLog(records, "warning", /is not in root static directory/);
  }
});
