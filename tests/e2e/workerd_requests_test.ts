/** How requests are read in what wrangler makes of the package, without `./build`. */
import { assertEquals, assertMatch } from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { HTTPError } from "../../mod.ts";
import { BuiltPackage } from "../support/built_package.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { dependenciesOutside, wranglerBundle } from "../support/wrangler_bundle.ts";

const APPLICATION = `
import { Application, HTTPError, receiveUploads, RequestHandler } from "${config.name}";

class Form extends RequestHandler {
  post() {
    const { bodyArguments, files, body } = this.request;
    const uploads = Object.entries(files).map(([name, list]) => [
      name,
      list.map((file) => [file.filename, file.contentType, new TextDecoder().decode(file.body)]),
    ]);
    this.write({ fields: bodyArguments, files: uploads, size: body.length });
  }
  writeError(status, { error }) { this.finish(error.message); }
}
class Argument extends RequestHandler {
  post() { this.write({ a: this.getArgument("a"), c: this.getArguments("c") }); }
  writeError(status, { error }) { this.finish(error.message); }
}
class Latin1 extends RequestHandler {
  decodeArgument(bytes) { return new TextDecoder("latin1").decode(bytes); }
  post() { this.write({ a: this.getArguments("a"), b: this.getBodyArguments("b") }); }
}
class Target extends RequestHandler {
  get() {
    const { path, query, host } = this.request;
    this.write({ path, query, host, a: this.getArguments("a") });
  }
}
class Reasons extends RequestHandler {
  get() {
    const reasons = {};
    for (let status = 200; status < 600; status++) {
      if (status !== 205) reasons[status] = new HTTPError(status).message;
    }
    this.write(reasons);
  }
}
class Upload extends RequestHandler {
  static streamRequestBody = true;
  async post() {
    const sizes = [];
    const sink = async (head) => {
      let size = 0;
      const writable = new WritableStream({
        write(piece) { size += piece.length; },
        close() { sizes.push([head.filename, size]); },
      });
      return { writable };
    };
    await receiveUploads(this, { sink });
    this.write({ sizes });
  }
}

export default new Application([
  ["/form", Form],
  ["/argument", Argument],
  ["/latin1", Latin1],
  ["/upload", Upload],
  ["/reasons", Reasons],
  ["/target", Target],
], {
  maxMultipartParts: 3,
  maxBodySize: 2_000,
  bodyTimeout: 500,
  decompressRequest: true,
});
`;

const MULTIPART = "multipart/form-data; boundary=1234";
const END = "--1234--\r\n";

/** A part of a form as it stands in a body. */
function part(parameters: string, content: string, more = ""): string {
  return `--1234\r\nContent-Disposition: form-data; ${parameters}\r\n${more}\r\n${content}\r\n`;
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The beginning of what a server sends. */
async function readHead(connection: Deno.Conn): Promise<string> {
  const bytes = new Uint8Array(1_000);
  const length = await connection.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/** Forms, and what handlers see of them. */
const FORMS: readonly [name: string, body: string, fields: object, files: unknown[]][] = [
  ["a field", part('name="a"', "1") + END, { a: ["1"] }, []],
  ["two of a name", part('name="a"', "1") + part('name="a"', "2") + END, { a: ["1", "2"] }, []],
  ["line ends in a field", part('name="a"', "1\r\n2\n3") + END, { a: ["1\r\n2\n3"] }, []],
  [
    "two files",
    part('name="f"; filename="a.txt"', "Foo", "Content-Type: text/plain\r\n") +
    part('name="f"; filename="b.txt"', "Bar") + part('name="a"', "1") + END,
    { a: ["1"] },
    [["f", [["a.txt", "text/plain", "Foo"], ["b.txt", "application/unknown", "Bar"]]]],
  ],
  [
    "names that are not ASCII",
    part('name="\u00e9"; filename="\u6e2c.txt"', "\u6e2c") + part('name="\u6e2c"', "\ufffd") + END,
    { "\u6e2c": ["\ufffd"] },
    [["\u00e9", [["\u6e2c.txt", "application/unknown", "\u6e2c"]]]],
  ],
  [
    "quotes in a file name",
    part('name="f"; filename="a\\"b;c.txt"', "x") + END,
    {},
    [["f", [['a"b;c.txt', "application/unknown", "x"]]]],
  ],
  [
    "an empty file",
    part('name="f"; filename="a"', "") + END,
    {},
    [["f", [["a", "application/unknown", ""]]]],
  ],
  ["no file chosen", part('name="f"; filename=""', "") + END, { f: [""] }, []],
  ["nothing in it", END, {}, []],
];

/** Forms that are refused, and why. */
const MALFORMED: readonly [name: string, body: string, reason: RegExp, type?: string][] = [
  [
    "the final boundary missing",
    part('name="a"', "1"),
    /Invalid multipart\/form-data: .*boundary/i,
  ],
  ["no boundary", part('name="a"', "1") + END, /Invalid .*boundary/i, "multipart/form-data"],
  ["nothing at all", "", /Invalid .*boundary/i],
  ["a part without a name", part('filename="a"', "1") + END, /Invalid .*name/],
  ["too many parts", part('name="a"', "1").repeat(4) + END, /the body has more than 3 parts/],
  ["a control character", part('name="f"; filename="\x01"', "1") + END, /a control character/],
];

serviceTest("workerd", "what wrangler makes of the package reads requests", async (t) => {
  await using built = await BuiltPackage.make();
  const folder = await built.linked("worker");
  const text = await wranglerBundle(APPLICATION, folder, { plugins: [dependenciesOutside] });
  await stop();
  await using worker = await startWorkerd({ "worker.js": text });
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${worker.port}${path}`, init);
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type = MULTIPART) =>
    ask(path, { method: "POST", body, headers: { "content-type": type } });

  for (const [name, body, fields, files] of FORMS) {
    await t.step(`a form with ${name} is read`, async () => {
      const response = await post("/form", body);
      const size = new TextEncoder().encode(body).length;
      assertEquals(await response.json(), { fields, files, size });
    });
  }

  for (const [name, body, reason, type] of MALFORMED) {
    await t.step(`a form with ${name} is a 400 that tells why`, async () => {
      const response = await post("/form", body, type);
      assertEquals(response.status, 400);
      assertMatch(await response.text(), reason);
    });
  }

  await t.step("a form that is not UTF-8 spoils only what is not", async () => {
    const bytes = latin1(part('name="a"', "\xe9") + part('name="b"', "1") + END);
    for (const path of ["/form", "/argument"]) {
      const response = await post(path, bytes);
      assertEquals(response.status, 400);
      assertMatch(await response.text(), /Invalid unicode in argument "a"/);
    }
    const other = latin1(part('name="a"', "1") + part('name="b"', "\xe9") + END);
    assertEquals(await (await post("/argument", other)).json(), { a: "1", c: [] });
  });

  await t.step("a form is decoded by the handler", async () => {
    const response = await post("/latin1", part('name="a"', "\u00e9") + END);
    assertEquals(await response.json(), { a: ["\u00c3\u00a9"], b: [] });
  });

  await t.step("a url-encoded form is decoded by the handler", async () => {
    const type = "application/x-www-form-urlencoded";
    const response = await post("/latin1?a=%e9&a=%25", latin1("a=\xe9+%e9&b=\xe9"), type);
    assertEquals(await response.json(), { a: ["\u00e9", "%", "\u00e9 \u00e9"], b: ["\u00e9"] });
  });

  await t.step("forms that are received as they come bring their reader along", async () => {
    const body = new FormData();
    body.set("photo", new File(["12345"], "cloud.png"));
    const response = await ask("/upload", { method: "POST", body });
    assertEquals(await response.json(), { sizes: [["cloud.png", 5]] });
  });

  await t.step("a body in pieces is put together, decoded and bounded", async () => {
    const pieces = (size: number) => ReadableStream.from([part('name="a"', "1"), "x".repeat(size)]);
    const send = (body: ReadableStream, headers: Record<string, string> = {}) =>
      ask("/argument?a=1", { method: "POST", body, headers });
    assertEquals(await (await send(pieces(10).pipeThrough(new TextEncoderStream()))).json(), {
      a: "1",
      c: [],
    });
    const large = await send(pieces(2_000).pipeThrough(new TextEncoderStream()));
    assertEquals([large.status, await large.text()], [
      413,
      "Request body is larger than 2000 bytes",
    ]);
    const compressed = (text: string) =>
      ReadableStream.from([text]).pipeThrough(new TextEncoderStream())
        .pipeThrough(new CompressionStream("gzip"));
    const type = { "content-type": MULTIPART, "content-encoding": "gzip" };
    const form = await send(compressed(part('name="a"', "2") + END), type);
    assertEquals(await form.json(), { a: "2", c: [] });
    const bomb = await send(compressed("x".repeat(100_000)), type);
    assertEquals([bomb.status, await bomb.text()], [413, "Request body is larger than 2000 bytes"]);
  });

  await t.step("a body that does not come is a 408", async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: worker.port });
    const head = "POST /argument HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na";
    await connection.write(new TextEncoder().encode(head));
    const answer = await readHead(connection);
    assertMatch(answer, /^HTTP\/1.1 408 /);
  });

  await t.step("paths and queries are those of the URL", async () => {
    const host = `127.0.0.1:${worker.port}`;
    const asked = await (await ask("/target?a=b%2Fc&a=caf%C3%A9+x&a=%zz#f")).json();
    assertEquals(asked, {
      path: "/target",
      query: "a=b%2Fc&a=caf%C3%A9+x&a=%zz",
      host,
      a: ["b/c", "caf\u00e9 x", "%zz"],
    });
  });

  for (const host of ["a/target?b", "a,b", "a@b", "a/target"]) {
    await t.step(`the host ${host} is a 400`, async () => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: worker.port });
      const head = `GET /target HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      await connection.write(new TextEncoder().encode(head));
      assertMatch(await readHead(connection), /^HTTP\/1.1 400 /);
    });
  }

  await t.step("every status has its reason", async () => {
    const reasons: Record<string, string> = await (await ask("/reasons")).json();
    assertEquals(Object.keys(reasons).length, 399);
    for (const [status, reason] of Object.entries(reasons)) {
      assertEquals(reason, new HTTPError(Number(status)).message);
    }
  });
});
