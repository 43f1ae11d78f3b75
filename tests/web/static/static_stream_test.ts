import { assert, assertEquals, assertLess } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { ChildServer } from "../../support/child_server.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { rawRequest, RawSocket } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";
import { MemoryFiles, staticTree } from "./static_tree.ts";

const GIGABYTE = 1024 ** 3;
const MEGABYTE = 1024 ** 2;

const tree = staticTree({
  "large.bin": new Uint8Array(8 * MEGABYTE),
  "large.txt": "The same line again.\n".repeat(20_000),
});

Deno.test.beforeAll(() => {
  using file = Deno.createSync(`${tree.path}/sparse.bin`);
  file.truncateSync(GIGABYTE);
});

/** Static files, and how many of their requests are over. */
function counting(): { app: Application; finished: () => number } {
  let finished = 0;
  class Counting extends StaticFileHandler {
    override onFinish(): void {
      finished++;
    }
  }
  const app = new Application([], { staticPath: tree.path, staticHandlerClass: Counting });
  return { app, finished: () => finished };
}

function startServer(): Promise<ChildServer> {
  const program = new URL("../../fixtures/static_server.ts", import.meta.url).pathname;
  return ChildServer.start({
    program: Deno.execPath(),
    args: ({ port }) => ["run", "-A", program, String(port), tree.path],
  });
}

async function peakOf(server: ChildServer): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.port}/memory`);
  return (await response.json()).peak;
}

Deno.test("static file of 1 GiB is streamed in bounded memory", async () => {
  await using server = await startServer();
  const response = await fetch(`http://127.0.0.1:${server.port}/static/sparse.bin`);
  assertEquals(response.headers.get("content-length"), String(GIGABYTE));
  let received = 0;
  for await (const chunk of response.body ?? []) received += chunk.length;
  assertEquals(received, GIGABYTE);
  assertLess(await peakOf(server), 200 * MEGABYTE);
});

Deno.test("static file of 1 GiB waits for a client that does not read", async () => {
  await using server = await startServer();
  const before = await peakOf(server);
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => RawSocket.connect(server.port)),
  );
  for (const client of clients) {
    await client.write("GET /static/sparse.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    assert(await client.readBytes(1_000));
  }
  // Each answer is a turn of the server's loop, in which it could run ahead of its clients.
  for (let i = 0; i < 200; i++) await peakOf(server);
  assertLess(await peakOf(server) - before, 100 * MEGABYTE);
  for (const client of clients) client.close();
});

Deno.test("range at the end of a large static file is found without reading the rest", async () => {
  const { app } = counting();
  const range = `bytes=${GIGABYTE - 10}-`;
  const request = new Request("http://localhost/static/sparse.bin", { headers: { range } });
  const response = await app.fetch(request);
  assertEquals(response.status, 206);
  assertEquals(await response.bytes(), new Uint8Array(10));
});

Deno.test("client that leaves in the middle of a static file leaves no file open (over a socket)", async () => {
  const { app, finished } = counting();
  await using server = serve(app);
  for (let i = 0; i < 5; i++) {
    using client = await RawSocket.connect(server.port);
    await client.write("GET /static/sparse.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    assert(await client.readBytes(1 + i * 100_000));
  }
  assert(await poll(() => finished() === 5));
});

Deno.test("client that leaves in the middle of a static file leaves no file open (in process)", async () => {
  const { app, finished } = counting();
  for (const chunks of [0, 1, 3]) {
    const response = await app.fetch(new Request("http://localhost/static/sparse.bin"));
    const reader = response.body?.getReader();
    for (let i = 0; i < chunks; i++) await reader?.read();
    await reader?.cancel();
  }
  assert(await poll(() => finished() === 3));
});

Deno.test("static file that shrinks while it is sent breaks the response off", async () => {
  const { app } = counting();
  Deno.writeFileSync(`${tree.path}/shrinking.bin`, new Uint8Array(64 * MEGABYTE));
  await using server = serve(app);
  using client = await RawSocket.connect(server.port);
  await client.write("GET /static/shrinking.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  assert(await client.readBytes(1_000));
  Deno.truncateSync(`${tree.path}/shrinking.bin`, 0);
  assertLess((await client.readToEnd()).length, 64 * MEGABYTE);
});

Deno.test("static file that cannot be opened when it is to be streamed is a 500", async () => {
  using records = captureLogs();
  const files = new MemoryFiles();
  files.write("/www/a.bin", "", { stat: { size: 10 * MEGABYTE } });
  const unreadable = {
    ...files.platform,
    files: Object.assign(files, {
      readRange: () => new ReadableStream({ pull: (c) => c.error(new Error("Bad disk")) }),
    }),
  };
  const app = new Application([], { staticPath: "/www", platform: unreadable });
  const response = await app.fetch(new Request("http://localhost/static/a.bin"));
  assertEquals(response.status, 500);
  await expectLog(records, "error", /Bad disk/);
});

Deno.test("static file that is streamed is compressed where the application says so", async () => {
  const app = new Application([], { staticPath: tree.path, compressResponse: true });
  await using server = serve(app);
  const request = "GET /static/large.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  const zipped = await rawRequest(server.port, `${request}Accept-Encoding: gzip\r\n\r\n`);
  assertEquals(zipped.header("content-encoding"), "gzip");
  assertEquals(zipped.header("content-length"), null);
  const stream = new Blob([new Uint8Array(zipped.body)]).stream();
  const text = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
  assertEquals(text, Deno.readTextFileSync(`${tree.path}/large.txt`));
  const part = await rawRequest(
    server.port,
    `${request}Accept-Encoding: gzip\r\nRange: bytes=0-99999\r\n\r\n`,
  );
  assertEquals(part.status, 206);
  assertEquals(part.header("content-encoding"), null);
  assertEquals(part.body.length, 100_000);
});
