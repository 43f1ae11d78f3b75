import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class FormHandler extends RequestHandler {
  override post() {
    const { bodyArguments, files } = this.request;
    const uploads = Object.entries(files).map(([name, list]) => [
      name,
      list.map(({ filename, contentType, body }) => [
        filename,
        contentType,
        new TextDecoder("latin1").decode(body),
      ]),
    ]);
    this.write({ fields: { ...bodyArguments }, files: Object.fromEntries(uploads) });
  }
}

const URL_ENCODED = { "content-type": "application/x-www-form-urlencoded" };
const MULTIPART = { "content-type": "multipart/form-data; boundary=1234" };

bothWays("url-encoded form is read", [["/", FormHandler]], async (fetch) => {
  const cases: Record<string, Record<string, string[]>> = {
    "a=1&b=2&a=3": { a: ["1", "3"], b: ["2"] },
    "a=%C3%A9+x": { a: ["é x"] },
    "a=\u00e9": { a: ["é"] },
    "a": { a: [""] },
    "=b": { "": ["b"] },
    "&&a=1&": { a: ["1"] },
    "": {},
  };
  for (const [body, fields] of Object.entries(cases)) {
    for (const suffix of ["", "; charset=utf-8", ";charset"]) {
      const headers = { "content-type": `Application/X-WWW-Form-URLencoded${suffix}` };
      const response = await fetch("/", { method: "POST", headers, body });
      assertEquals(await response.json(), { fields, files: {} });
    }
  }
});

bothWays("body of any other type is no form", [["/", FormHandler]], async (fetch) => {
  const types = [
    "text/plain",
    "multipart/form-dataxyz; boundary=1234",
    "multipart/mixed; boundary=1234",
    "application/x-www-form-urlencodedx",
    "",
    ";",
  ];
  for (const type of types) {
    const headers = { "content-type": type };
    const response = await fetch("/", { method: "POST", headers, body: "a=1" });
    assertEquals([type, await response.json()], [type, { fields: {}, files: {} }]);
  }
});

/** A part of a form as it stands in a body: its header lines, then its content. */
function part(headers: string, content: string): string {
  return `--1234\r\n${headers}\r\n\r\n${content}\r\n`;
}

const END = "--1234--\r\n";
const field = (name: string) => `Content-Disposition: form-data; name="${name}"`;

const ACCEPTED: [name: string, body: string, fields: object, files: object][] = [
  ["a field", part(field("a"), "1") + END, { a: ["1"] }, {}],
  ["two of a name", part(field("a"), "1") + part(field("a"), "2") + END, { a: ["1", "2"] }, {}],
  ["a file", part(`${field("f")}; filename="ab.txt"`, "Foo") + END, {}, {
    f: [["ab.txt", "application/unknown", "Foo"]],
  }],
  [
    "a file with a type",
    part(`${field("f")}; filename="a"\r\nContent-Type: image/png`, "x") + END,
    {},
    {
      f: [["a", "image/png", "x"]],
    },
  ],
  [
    "names without quotes",
    part("Content-Disposition: form-data; name=f; filename=ab.txt", "Foo") + END,
    {},
    {
      f: [["ab.txt", "application/unknown", "Foo"]],
    },
  ],
  ["a file name with a quote", part(`${field("f")}; filename="a\\"b.txt"`, "x") + END, {}, {
    f: [['a"b.txt', "application/unknown", "x"]],
  }],
  ["a file name with a semicolon", part(`${field("f")}; filename="a;b.txt"`, "x") + END, {}, {
    f: [["a;b.txt", "application/unknown", "x"]],
  }],
  [
    "an extended file name",
    part(
      `${field("f")}; filename="ab.txt"; filename*=UTF-8''%C3%A1b.txt`,
      "Foo",
    ) + END,
    {},
    { f: [["áb.txt", "application/unknown", "Foo"]] },
  ],
  ["a file name in UTF-8", part(`${field("f")}; filename="測試.txt"`, "x") + END, {}, {
    f: [["測試.txt", "application/unknown", "x"]],
  }],
  ["what follows the end", `${part(field("a"), "1")}${END}rubbish`, { a: ["1"] }, {}],
  ["a boundary at the very end", `${part(field("a"), "1")}--1234--`, { a: ["1"] }, {}],
  ["line ends in a field", part(field("a"), "1\r\n2\n3") + END, { a: ["1\r\n2\n3"] }, {}],
  ["a dangerous name", part(field("__proto__"), "1") + END, {}, {}],
  ["no parts", END, {}, {}],
];

bothWays("multipart form is read", [["/", FormHandler]], async (fetch) => {
  for (const [name, body, fields, files] of ACCEPTED) {
    const response = await fetch("/", { method: "POST", headers: MULTIPART, body });
    assertEquals([name, response.status], [name, 200]);
    if (name !== "a dangerous name") {
      assertEquals([name, await response.json()], [name, { fields, files }]);
    }
  }
});

bothWays("multipart boundary may be quoted", [["/", FormHandler]], async (fetch) => {
  const headers = { "content-type": 'multipart/form-data; charset=x; boundary="1234"' };
  const response = await fetch("/", { method: "POST", headers, body: part(field("a"), "1") + END });
  assertEquals((await response.json()).fields, { a: ["1"] });
});

bothWays(
  "file that a browser's FormData sends arrives whole",
  [["/", FormHandler]],
  async (fetch) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const body = new FormData();
    body.append("text", "é\n");
    body.append("file", new Blob([bytes], { type: "image/gif" }), 'a"b.gif');
    const { fields, files } = await (await fetch("/", { method: "POST", body })).json();
    assertEquals(fields, { text: ["é\r\n"] });
    const [[filename, type, content]] = files.file;
    assertEquals([filename, type], ["a%22b.gif", "image/gif"]);
    assertEquals(content, new TextDecoder("latin1").decode(bytes));
  },
);

const REFUSED: [name: string, body: string, headers?: Record<string, string>][] = [
  ["no boundary", part(field("a"), "1") + END, { "content-type": "multipart/form-data" }],
  ["an empty boundary", END, { "content-type": "multipart/form-data; boundary=" }],
  ["a boundary beyond 70 characters", END, {
    "content-type": `multipart/form-data; boundary=${"x".repeat(71)}`,
  }],
  ["no end", part(field("a"), "1")],
  ["another end", part(field("a"), "1") + "--12345--\r\n"],
  ["nothing at all", ""],
  ["rubbish", "rubbish"],
  ["a part without headers", `--1234\r\n\r\nFoo\r\n${END}`],
  ["a part without an empty line", `--1234\r\nFoo${END}`],
  ["a part of another disposition", part('Content-Disposition: invalid; name="a"', "x") + END],
  ["a part without a disposition", part("Content-Type: text/plain", "x") + END],
  ["a part without a name", part('Content-Disposition: form-data; filename="a"', "x") + END],
  ["a part that ends without a line", `--1234\r\n${field("a")}\r\n\r\nFoo${END}`],
  ["CR in a header", part('Content-Disposition: form-data; name="a\rb"', "x") + END],
  ["NUL in a header", part('Content-Disposition: form-data; name="a\0b"', "x") + END],
  ["a control character in a header", part(`${field("a")}\r\nX: \u0001`, "x") + END],
  ["a header without a colon", part(`${field("a")}\r\nnonsense`, "x") + END],
  ["a field that is not UTF-8", part(field("a"), "\u00ff") + END],
  ["line ends of LF alone", part(field("a"), "1").replaceAll("\r\n", "\n") + END],
];

bothWays("malformed multipart form is a 400, logged once", [["/", FormHandler]], async (fetch) => {
  for (const [name, text, headers = MULTIPART] of REFUSED) {
    using records = captureLogs();
    const body = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const response = await fetch("/", { method: "POST", headers, body });
    assertEquals([name, response.status], [name, 400]);
    const { message } = await expectLog(records, "warning", /^400 POST \//);
    assert(message.length < 400, message);
    assertEquals(records.messages("gustnado.general").length, 1);
  }
});

bothWays("form that nobody reads is not checked", [
  [
    "/",
    class extends RequestHandler {
      override post() {
        this.write("ok");
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/", { method: "POST", headers: MULTIPART, body: "rubbish" });
  assertEquals(await response.text(), "ok");
});

const LIMITS: [settings: ApplicationSettings, count: number, size: number][] = [
  [{}, 100, 10_240],
  [{ maxMultipartParts: 2, maxMultipartHeaderBytes: 100 }, 2, 100],
];

for (const [settings, count, size] of LIMITS) {
  const create = () => new Application([["/", FormHandler]], settings);
  bothWays(`multipart form has up to ${count} parts`, create, async (fetch) => {
    using records = captureLogs();
    const post = (body: string) => fetch("/", { method: "POST", headers: MULTIPART, body });
    const body = part(field("a"), "1").repeat(count);
    assertEquals((await (await post(body + END)).json()).fields.a.length, count);
    assertEquals((await post(body + part(field("a"), "1") + END)).status, 400);
    await expectLog(records, "warning", /parts/);
  });

  bothWays(`header of a part has up to ${size} bytes`, create, async (fetch) => {
    using records = captureLogs();
    const post = (body: string) => fetch("/", { method: "POST", headers: MULTIPART, body });
    const head = `${field("a")}\r\nX: `;
    assertEquals((await post(part(head + "x".repeat(size - head.length), "1") + END)).status, 200);
    assertEquals((await post(part(head + "x".repeat(size + 1), "1") + END)).status, 400);
    await expectLog(records, "warning", /header/);
  });
}

bothWays("compressed form is a 400 unless request bodies are decompressed", [
  ["/", FormHandler],
], async (fetch) => {
  for (const type of [URL_ENCODED, MULTIPART]) {
    using records = captureLogs();
    const headers = { ...type, "content-encoding": "gzip" };
    assertEquals((await fetch("/", { method: "POST", headers, body: "x" })).status, 400);
    await expectLog(records, "warning", /Unsupported Content-Encoding: "gzip"/);
  }
});

Deno.test("form of any bytes is 200 or 400, never 500", async () => {
  using _records = captureLogs({ configure: false });
  const app = new Application([["/", FormHandler]]);
  const types = [URL_ENCODED, MULTIPART];
  const pieces = fc.constantFrom(
    "--1234\r\n",
    "--1234--",
    "\r\n",
    "\r\n\r\n",
    'Content-Disposition: form-data; name="a"',
    '; filename="',
    "a=",
    "&",
    "%",
    "%ff",
    "\u00ff",
    '"',
    ";",
    "=",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 12 }),
      fc.constantFrom(...types),
      async (list, headers) => {
        const body = Uint8Array.from(list.join(""), (character) => character.charCodeAt(0));
        const response = await app.fetch(
          new Request("http://localhost/", { method: "POST", headers, body }),
        );
        await response.body?.cancel();
        assert([200, 400].includes(response.status));
      },
    ),
    { numRuns: 300 },
  );
});

// ---- JSON

class JsonHandler extends RequestHandler {
  override post() {
    this.write({ got: this.request.json() });
  }
}

bothWays("JSON body is read, and JSON is answered", [["/", JsonHandler]], async (fetch) => {
  const values = [{ a: [1, "é", null] }, [], "text", 0, null, true, "x".repeat(100)];
  for (const value of values) {
    const response = await fetch("/", { method: "POST", body: JSON.stringify(value) });
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(await response.json(), { got: value });
  }
  const marked = "\ufeff{}";
  assertEquals(await (await fetch("/", { method: "POST", body: marked })).json(), { got: {} });
});

bothWays("malformed JSON is a 400, logged once without the body", [
  ["/", JsonHandler],
], async (fetch) => {
  const bodies: (string | Uint8Array<ArrayBuffer>)[] = [
    "",
    "{",
    "secret",
    "{'a': 1}",
    "NaN",
    "[1,]",
    `"${"secret".repeat(50)}`,
    new Uint8Array([0x22, 0xff, 0x22]),
    new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
    "\0",
    "[".repeat(100_000),
  ];
  for (const body of bodies) {
    using records = captureLogs();
    assertEquals((await fetch("/", { method: "POST", body })).status, 400);
    const { message } = await expectLog(records, "warning", /Malformed JSON body/);
    assert(!message.includes("secret"));
    assertEquals(records.messages("gustnado.general").length, 1);
  }
});

bothWays("JSON body cannot reach the prototype of objects", [["/", JsonHandler]], async (fetch) => {
  await fetch("/", { method: "POST", body: '{"__proto__": {"polluted": true}}' });
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

bothWays("text of a body is decoded as UTF-8, with what is not replaced", [
  [
    "/",
    class extends RequestHandler {
      override post() {
        this.write(this.request.text());
      }
    },
  ],
], async (fetch) => {
  const body = new Uint8Array([0x61, 0xff, 0xc3, 0xa9]);
  assertEquals(await (await fetch("/", { method: "POST", body })).text(), "a\ufffdé");
});
