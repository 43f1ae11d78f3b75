import { assertEquals } from "@std/assert";
import { Application } from "../../mod.ts";
import { AssetHandler } from "../../src/workers/asset_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

const CONTEXT = { waitUntil() {} };

/** A binding that has one file, and answers ranges and entity tags. */
const ASSETS = {
  fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== "/static/a.txt") {
      return Promise.resolve(new Response("none", { status: 404 }));
    }
    const headers = { ETag: '"1"', "Content-Type": "text/plain" };
    if (request.headers.get("if-none-match") === '"1"') {
      return Promise.resolve(new Response(null, { status: 304, headers }));
    }
    if (request.headers.get("range") === "bytes=0-1") {
      const range = { ...headers, "Content-Range": "bytes 0-1/5" };
      return Promise.resolve(new Response("he", { status: 206, headers: range }));
    }
    return Promise.resolve(new Response("hello", { headers }));
  },
};

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const app = new Application([["/static/(.*)", AssetHandler]]);
  const request = new Request(`http://localhost${path}`, { headers });
  return Promise.resolve(app.fetch(request, { ASSETS }, CONTEXT));
}

Deno.test("asset is sent as the binding gives it", async () => {
  const response = await get("/static/a.txt");
  assertEquals([response.status, await response.text()], [200, "hello"]);
  assertEquals(response.headers.get("etag"), '"1"');
});

Deno.test("asset is asked for by its entity tag and by range", async () => {
  const same = await get("/static/a.txt", { "If-None-Match": '"1"' });
  assertEquals(same.status, 304);
  const part = await get("/static/a.txt", { Range: "bytes=0-1" });
  assertEquals([part.status, await part.text()], [206, "he"]);
  assertEquals(part.headers.get("content-range"), "bytes 0-1/5");
});

Deno.test("asset that is not there is the application's own 404", async () => {
  const response = await get("/static/none.txt");
  assertEquals(response.status, 404);
  assertEquals((await response.text()).includes("none"), false);
});

Deno.test("asset handler names the binding that is missing", async () => {
  using logs = captureLogs();
  const app = new Application([["/static/(.*)", AssetHandler, { binding: "FILES" }]]);
  const response = await app.fetch(new Request("http://localhost/static/a.txt"), {}, CONTEXT);
  assertEquals(response.status, 500);
  await response.body?.cancel();
  await expectLog(logs, "error", /Uncaught exception GET/);
});
