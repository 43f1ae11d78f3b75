import { assertEquals, assertNotEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest, type RawResponse } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";
import { encode, FakeTime, LONG_AGO, MemoryFiles, staticTree } from "./static_tree.ts";

const SCRIPT = "export const answer = 42;\n".repeat(50);
const GZIP = new Uint8Array(gzipSync(SCRIPT));

const tree = staticTree({
  "app.js": SCRIPT,
  "app.js.gz": GZIP,
  "app.js.br": "brotli",
  "app.js.zst": "zstandard",
  "only.js": SCRIPT,
  "only.js.gz": GZIP,
  "plain.js": SCRIPT,
});

type Get = (path: string, headers?: Record<string, string>) => Promise<RawResponse>;

/** Runs a rule over a socket with nothing but the given headers, and in process. */
function bothWays(
  name: string,
  settings: ApplicationSettings,
  fn: (get: Get) => Promise<void>,
): void {
  const create = () => new Application([], { staticPath: tree.path, ...settings });
  Deno.test(`${name} (over a socket)`, async () => {
    await using server = serve(create());
    await fn((path, headers = {}) => {
      const lines = Object.entries({ host: "a", connection: "close", ...headers });
      const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      return rawRequest(server.port, `GET ${path} HTTP/1.1\r\n${fields}\r\n`);
    });
  });
  Deno.test(`${name} (in process)`, async () => {
    const app = create();
    await fn(async (path, headers = {}) => {
      const response = await app.fetch(new Request(`http://localhost${path}`, { headers }));
      const body = await response.bytes();
      const text = new TextDecoder().decode(body);
      const header = (name: string) => response.headers.get(name);
      const fields = [...response.headers];
      return {
        status: response.status,
        statusLine: "",
        headers: fields,
        body,
        text,
        complete: true,
        header,
      };
    });
  });
}

bothWays(
  "file is sent in the coding that stands beside it and the client likes best",
  {},
  async (get) => {
    const cases = [
      ["gzip", "gzip"],
      ["gzip, deflate, br, zstd", "br"],
      ["zstd, gzip", "zstd"],
      ["br;q=0.5, gzip", "gzip"],
      ["br;q=0, gzip;q=0, *", "zstd"],
      ["gzip;q=0.5, identity", null],
      ["deflate", null],
      ["identity", null],
    ] as const;
    for (const [accepted, coding] of cases) {
      const response = await get("/static/app.js", { "accept-encoding": accepted });
      assertEquals(response.status, 200);
      assertEquals(response.header("content-encoding"), coding, accepted);
      assertEquals(response.header("vary"), "Accept-Encoding");
      assertEquals(response.header("content-type"), "text/javascript; charset=UTF-8");
    }
  },
);

bothWays("file in a coding is the sibling byte for byte", {}, async (get) => {
  const response = await get("/static/app.js", { "accept-encoding": "gzip" });
  assertEquals(response.body, GZIP);
  assertEquals((await get("/static/app.js")).text, SCRIPT);
});

bothWays("file in each coding has a tag of its own", {}, async (get) => {
  const tags = new Set<string | null>();
  for (const accepted of ["identity", "gzip", "br", "zstd"]) {
    const response = await get("/static/app.js", { "accept-encoding": accepted });
    const etag = response.header("etag") ?? "";
    tags.add(etag);
    const headers = { "accept-encoding": accepted, "if-none-match": etag };
    const again = await get("/static/app.js", headers);
    assertEquals(again.status, 304);
    assertEquals(again.header("vary"), "Accept-Encoding");
  }
  assertEquals(tags.size, 4);
  const plain = (await get("/static/app.js")).header("etag") ?? "";
  const mixed = { "accept-encoding": "gzip", "if-none-match": plain };
  assertEquals((await get("/static/app.js", mixed)).status, 200);
});

bothWays("file in a coding has the version of the file", {}, async (get) => {
  const version = (await get("/static/app.js")).header("etag")?.slice(1, -1);
  const response = await get(`/static/app.js?v=${version}`, { "accept-encoding": "br" });
  assertEquals(response.header("cache-control"), "max-age=315360000, immutable");
  assertNotEquals(response.header("etag"), `"${version}"`);
});

bothWays("file without siblings does not vary", {}, async (get) => {
  const response = await get("/static/plain.js", { "accept-encoding": "gzip, br" });
  assertEquals(response.header("vary"), null);
  assertEquals(response.header("content-encoding"), null);
});

bothWays("file that varies says so to clients without Accept-Encoding", {}, async (get) => {
  assertEquals((await get("/static/only.js")).header("vary"), "Accept-Encoding");
  const other = await get("/static/only.js", { "accept-encoding": "br" });
  assertEquals(other.header("content-encoding"), null);
  assertEquals(other.header("vary"), "Accept-Encoding");
});

/** Files of which each origin gets its own. */
class SharedFiles extends StaticFileHandler {
  override setDefaultHeaders() {
    this.setHeader("Vary", "Origin");
  }
}

bothWays(
  "file that varies by more than its coding says all of it",
  { staticHandlerClass: SharedFiles },
  async (get) => {
    assertEquals((await get("/static/only.js")).header("vary"), "Origin, Accept-Encoding");
    assertEquals((await get("/static/plain.js")).header("vary"), "Origin");
  },
);

bothWays("range is one of the file, not of a coding", {}, async (get) => {
  const headers = { "accept-encoding": "gzip, br", range: "bytes=0-5" };
  const response = await get("/static/app.js", headers);
  assertEquals(response.status, 206);
  assertEquals(response.header("content-encoding"), null);
  assertEquals(response.text, "export");
});

bothWays("siblings are left alone if that is wanted", {
  staticHandlerArgs: { precompressed: false },
}, async (get) => {
  const response = await get("/static/app.js", { "accept-encoding": "gzip, br" });
  assertEquals(response.header("content-encoding"), null);
  assertEquals(response.header("vary"), null);
  assertEquals((await get("/static/app.js.gz")).header("content-type"), "application/gzip");
});

bothWays("file in a coding is not compressed again", { compressResponse: true }, async (get) => {
  const sibling = await get("/static/app.js", { "accept-encoding": "gzip" });
  assertEquals(sibling.body, GZIP);
  assertEquals(sibling.header("vary"), "Accept-Encoding");
  const squeezed = await get("/static/plain.js", { "accept-encoding": "gzip" });
  assertEquals(squeezed.header("content-encoding"), "gzip");
  assertEquals(squeezed.header("etag")?.startsWith('W/"'), true);
});

// ---- siblings that do not count

async function codingOf(files: MemoryFiles): Promise<string | null> {
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  const headers = { "accept-encoding": "gzip" };
  const response = await app.fetch(new Request("http://localhost/static/a.js", { headers }));
  return response.headers.get("content-encoding");
}

Deno.test("sibling that is older than the file is not sent", async () => {
  for (const [age, coding] of [[-1, null], [0, "gzip"], [1, "gzip"]] as const) {
    const files = new MemoryFiles();
    files.write("/www/a.js", SCRIPT, { mtime: LONG_AGO });
    files.write("/www/a.js.gz", "gz", { mtime: LONG_AGO + age });
    assertEquals(await codingOf(files), coding);
  }
});

Deno.test("sibling that leaves the root, may not be read or is a directory is not sent", async () => {
  const denied = Object.assign(new Error("denied"), { code: "EACCES" });
  for (const rest of [{ realPath: "/etc/a" }, { error: denied }, { stat: { isFile: false } }]) {
    const files = new MemoryFiles();
    files.write("/www/a.js", SCRIPT);
    files.write("/www/a.js.gz", "gz", rest);
    assertEquals(await codingOf(files), null);
  }
});

Deno.test("sibling that cannot be read at all is an error", async () => {
  using records = captureLogs();
  const files = new MemoryFiles();
  files.write("/www/a.js", SCRIPT);
  files.write("/www/a.js.gz", "gz", { error: new Error("Bad disk") });
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  const response = await app.fetch(new Request("http://localhost/static/a.js"));
  assertEquals(response.status, 500);
  await expectLog(records, "error", /Bad disk/);
});

Deno.test("sibling that disappears is not sent any more", async () => {
  using clock = new FakeTime();
  const files = new MemoryFiles();
  files.write("/www/a.js", SCRIPT);
  files.write("/www/a.js.gz", "gz");
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  const get = () =>
    app.fetch(
      new Request("http://localhost/static/a.js", { headers: { "accept-encoding": "gzip" } }),
    );
  assertEquals((await get()).headers.get("content-encoding"), "gzip");
  delete files.files["/www/a.js.gz"];
  clock.tick(100);
  assertEquals((await get()).headers.get("content-encoding"), null);
  files.write("/www/a.js.gz", "old", { mtime: LONG_AGO - 1 });
  assertEquals((await get()).headers.get("content-encoding"), null);
});

Deno.test("siblings are looked up again after a second, whichever way the clock went", async () => {
  const files = new MemoryFiles();
  files.write("/www/a.js", SCRIPT);
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  const get = () =>
    app.fetch(
      new Request("http://localhost/static/a.js", { headers: { "accept-encoding": "gzip" } }),
    );
  using clock = new FakeTime();
  assertEquals((await get()).headers.get("content-encoding"), null);
  files.files["/www/a.js.gz"] = { content: encode("gz") };
  clock.tick(999);
  assertEquals((await get()).headers.get("content-encoding"), null);
  clock.tick(1);
  assertEquals((await get()).headers.get("content-encoding"), "gzip");
  delete files.files["/www/a.js.gz"];
  await get();
  const { stats } = files;
  clock.tick(-5_000);
  await get();
  assertEquals(files.stats > stats + 1, true);
});
