import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { rawRequest, type RawResponse } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";

const WORD = "gustnado ";

class TextHandler extends RequestHandler {
  override get(size: string) {
    const type = this.getArgument("type", null);
    if (type !== null) this.setHeader("Content-Type", type);
    const vary = this.getArgument("vary", null);
    if (vary !== null) this.setHeader("Vary", vary);
    const encoding = this.getArgument("encoding", null);
    if (encoding !== null) this.setHeader("Content-Encoding", encoding);
    const range = this.getArgument("range", null);
    if (range !== null) this.setHeader("Content-Range", range);
    this.write(WORD.repeat(Number(size)).slice(0, Number(size)));
  }
}

const app = (compressResponse = true) =>
  new Application([
    ["/(\\d+)", TextHandler],
    [
      "/flush",
      class extends RequestHandler {
        override async get() {
          for (const text of ["first", "second", "third"]) {
            this.write(text);
            await this.flush();
          }
          this.write("fourth");
        }
      },
    ],
    [
      "/small",
      class extends RequestHandler {
        override get() {
          this.setHeader("ETag", '"own"');
          this.write("x".repeat(2000));
        }
      },
    ],
    [
      "/none",
      class extends RequestHandler {
        override get() {
          this.setStatus(204);
        }
      },
    ],
  ], { compressResponse });

/** Sends a request with this `Accept-Encoding`, or none. */
async function get(path: string, accept: string | null = "gzip", more = ""): Promise<RawResponse> {
  await using server = serve(app());
  const encoding = accept === null ? "" : `Accept-Encoding: ${accept}\r\n`;
  const method = more.startsWith("HEAD") ? "HEAD" : "GET";
  const fields = more.replace("HEAD", "");
  return await rawRequest(
    server.port,
    `${method} ${path} HTTP/1.1\r\nHost: h\r\n${encoding}${fields}\r\n`,
  );
}

async function gunzip(bytes: Uint8Array): Promise<string> {
  const stream = new Blob([new Uint8Array(bytes)]).stream();
  return await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
}

Deno.test("body is compressed from 1 KiB on where the client accepts it", async () => {
  const large = await get("/5000");
  assertEquals(large.header("content-encoding"), "gzip");
  assertEquals(large.header("content-length"), `${large.body.length}`);
  assert(large.body.length < 500);
  assertEquals(await gunzip(large.body), WORD.repeat(600).slice(0, 5000));
  assertEquals((await get("/1024")).header("content-encoding"), "gzip");
  const small = await get("/1023");
  assertEquals([small.header("content-encoding"), small.body.length], [null, 1023]);
});

const ACCEPTS: [accept: string | null, compressed: boolean][] = [
  ["gzip", true],
  ["GZIP", true],
  ["deflate, gzip;q=0.5", true],
  ["*", true],
  ["gzip;q=0", false],
  ["gzip; q=0.000", false],
  ["*, gzip;q=0", false],
  ["*;q=0", false],
  ["identity", false],
  ["gzipped", false],
  ["br", false],
  ["gzip;q=x", false],
  ["", false],
  [null, false],
];

Deno.test("weights of Accept-Encoding are respected, and Vary says so either way", async () => {
  for (const [accept, compressed] of ACCEPTS) {
    const response = await get("/2000", accept);
    assertEquals([accept, response.header("content-encoding")], [
      accept,
      compressed ? "gzip" : null,
    ]);
    assertEquals(response.header("vary"), "Accept-Encoding");
  }
});

Deno.test("Vary keeps what it has, and is not repeated", async () => {
  const vary = async (value: string) => (await get(`/2000?vary=${value}`)).header("vary");
  assertEquals(await vary("Cookie"), "Cookie, Accept-Encoding");
  assertEquals(await vary("accept-encoding"), "accept-encoding");
  assertEquals(await vary("Cookie,Accept-Encoding"), "Cookie,Accept-Encoding");
  assertEquals(await vary("X-Accept-Encoding"), "X-Accept-Encoding, Accept-Encoding");
  assertEquals(await vary("*"), "*");
});

Deno.test("only types that compress are compressed", async () => {
  const encoding = async (type: string) =>
    (await get(`/2000?type=${encodeURIComponent(type)}`)).header("content-encoding");
  for (
    const type of [
      "text/css",
      "TEXT/plain; charset=x",
      "application/json",
      "image/svg+xml",
      "application/xml",
    ]
  ) {
    assertEquals([type, await encoding(type)], [type, "gzip"]);
  }
  for (const type of ["image/png", "application/octet-stream", "application/zip", "", "textual"]) {
    assertEquals([type, await encoding(type)], [type, null]);
  }
});

Deno.test("body that is encoded already, or a range, is left as it is", async () => {
  const encoded = await get("/2000?encoding=br");
  assertEquals([encoded.header("content-encoding"), encoded.body.length], ["br", 2000]);
  const range = await get("/2000?range=bytes 0-1999/5000".replaceAll(" ", "%20"));
  assertEquals([range.header("content-encoding"), range.body.length], [null, 2000]);
});

Deno.test("entity tag is weak where the body is compressed, and strong where it is not", async () => {
  const [compressed, plain] = [
    (await get("/2000")).header("etag"),
    (await get("/2000", null)).header("etag"),
  ];
  assert(plain?.startsWith('"'));
  assertEquals(compressed, `W/${plain}`);
  assertEquals((await get("/small")).header("etag"), 'W/"own"');
});

Deno.test("304 has the tag and the Vary of the response that it stands for", async () => {
  const etag = (await get("/2000")).header("etag") ?? "";
  const cached = await get("/2000", "gzip", `If-None-Match: ${etag}\r\n`);
  assertEquals([cached.status, cached.body.length], [304, 0]);
  assertEquals([cached.header("etag"), cached.header("vary")], [etag, "Accept-Encoding"]);
  assertEquals([cached.header("content-encoding"), cached.header("content-length")], [null, null]);
  const plain = await get("/2000", null, `If-None-Match: ${etag}\r\n`);
  assertEquals([plain.status, plain.header("etag")], [304, etag.slice(2)]);
});

Deno.test("HEAD has the head of the compressed response", async () => {
  const [head, whole] = [await get("/2000", "gzip", "HEAD"), await get("/2000")];
  assertEquals(head.header("content-encoding"), "gzip");
  assertEquals(head.header("content-length"), whole.header("content-length"));
  assertEquals(head.body.length, 0);
});

Deno.test("flushed response is compressed, and every piece can be decoded when it comes", async () => {
  const request = new Request("http://localhost/flush", { headers: { "accept-encoding": "gzip" } });
  const response = await app().fetch(request);
  assertEquals(response.headers.get("content-encoding"), "gzip");
  assertEquals(response.headers.get("content-length"), null);
  const decoder = new DecompressionStream("gzip");
  const text = decoder.readable.pipeThrough(new TextDecoderStream()).getReader();
  const input = decoder.writable.getWriter();
  const pieces = response.body?.getReader();
  for (const expected of ["first", "second", "third", "fourth"]) {
    const decoded = text.read();
    const piece = await pieces?.read();
    await input.write(new Uint8Array(piece?.value ?? new Uint8Array()));
    assertEquals((await decoded).value, expected);
  }
  assertEquals((await pieces?.read())?.done, true);
  await input.close();
  assertEquals((await text.read()).done, true);
});

Deno.test("small flushed response is compressed too, as nobody knows how it goes on", async () => {
  const response = await get("/flush");
  assertEquals(response.header("content-encoding"), "gzip");
  assertEquals(await gunzip(response.body), "firstsecondthirdfourth");
  assertEquals((await get("/flush", null)).text, "firstsecondthirdfourth");
});

Deno.test("response without a body is not touched", async () => {
  const response = await get("/none");
  assertEquals([response.status, response.header("content-encoding")], [204, null]);
});

Deno.test("nothing is compressed unless compressResponse is set", async () => {
  await using server = serve(app(false));
  const response = await rawRequest(
    server.port,
    "GET /5000 HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  assertEquals([response.header("content-encoding"), response.header("vary")], [null, null]);
  assertEquals(response.body.length, 5000);
});
