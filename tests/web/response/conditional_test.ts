import { assert, assertEquals, assertMatch } from "@std/assert";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class SizeHandler extends RequestHandler {
  override get(size: string) {
    this.setHeader("X-Kept", "yes");
    this.setHeader("Content-Language", "en");
    this.setCookie("kept", "yes");
    this.write("x".repeat(Number(size)));
  }
  override post(size: string) {
    this.get(size);
  }
}

/** `sha1sum` of 1,024 times the letter x. */
const ETAG = '"b4a2d03d05d7ffcbc8bfdb8b7ba9eb1f7cf0bb57"';

async function etagOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return `"${new Uint8Array(digest).toHex()}"`;
}

bothWays("body has an entity tag from 1 KiB on", [["/(\\d+)", SizeHandler]], async (fetch) => {
  assertEquals((await fetch("/1023")).headers.get("etag"), null);
  assertEquals((await fetch("/1024")).headers.get("etag"), await etagOf("x".repeat(1024)));
});

bothWays("entity tag counts bytes, not characters", [
  [
    "/(\\d+)/(.*)",
    class extends RequestHandler {
      override get(count: string, text: string) {
        this.write(text.repeat(Number(count)));
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/341/%E2%82%AC")).headers.get("etag"), null);
  assertEquals((await fetch("/342/%E2%82%AC")).headers.get("etag"), await etagOf("€".repeat(342)));
});

bothWays("entity tag is the same for text and bytes", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override get(kind: string) {
        const text = "x".repeat(1024);
        this.write(kind === "text" ? text : new TextEncoder().encode(text));
      }
    },
  ],
], async (fetch) => {
  assertEquals(
    (await fetch("/text")).headers.get("etag"),
    (await fetch("/bytes")).headers.get("etag"),
  );
});

bothWays("entity tag is for GET and HEAD with status 200 alone", [
  ["/(\\d+)", SizeHandler],
  [
    "/other",
    class extends RequestHandler {
      override get() {
        this.setStatus(203);
        this.write("x".repeat(1024));
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/1024", { method: "POST" })).headers.get("etag"), null);
  assertEquals((await fetch("/other")).headers.get("etag"), null);
  const head = await fetch("/1024", { method: "HEAD" });
  assertEquals(head.headers.get("etag"), await etagOf("x".repeat(1024)));
  assertEquals(head.headers.get("content-length"), "1024");
});

const MATCHING = [
  ETAG,
  `W/${ETAG}`,
  "*",
  ` * `,
  `"other", ${ETAG}`,
  `W/"other",W/${ETAG} , "more"`,
  `"a,b", ${ETAG}`,
];
const DIFFERENT = ['"other"', ETAG.slice(1, -1), `"${ETAG}`, "", "W/", `w/${ETAG}`, '""', "x, y"];

bothWays("If-None-Match is compared weakly with every tag of its list", [
  ["/(\\d+)", SizeHandler],
], async (fetch) => {
  const etag = await etagOf("x".repeat(1024));
  const send = (value: string) =>
    fetch("/1024", { headers: { "if-none-match": value.replaceAll(ETAG, etag) } });
  for (const value of MATCHING) assertEquals([value, (await send(value)).status], [value, 304]);
  for (const value of DIFFERENT) assertEquals([value, (await send(value)).status], [value, 200]);
});

bothWays("304 keeps its headers but those of the body", [
  ["/(\\d+)", SizeHandler],
], async (fetch) => {
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch("/1024", { method, headers: { "if-none-match": "*" } });
    assertEquals([response.status, await response.text()], [304, ""]);
    const { headers } = response;
    assertMatch(headers.get("etag") ?? "", /^"[0-9a-f]{40}"$/);
    assertEquals([headers.get("x-kept"), headers.getSetCookie()], ["yes", ["kept=yes; Path=/"]]);
    const gone = ["content-type", "content-length", "content-language", "content-encoding"];
    assertEquals(gone.map((name) => headers.get(name)), [null, null, null, null]);
  }
});

bothWays("If-None-Match does not stop a POST", [["/(\\d+)", SizeHandler]], async (fetch) => {
  const response = await fetch("/1024", { method: "POST", headers: { "if-none-match": "*" } });
  assertEquals(response.status, 200);
});

bothWays("computeEtag of the handler makes the tag, or none", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override computeEtag(): string | null {
        return this.pathArgs[0] === "none" ? null : 'W/"own"';
      }
      override get() {
        this.write("x".repeat(2000));
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/none")).headers.get("etag"), null);
  assertEquals((await fetch("/own")).headers.get("etag"), 'W/"own"');
  const headers = { "if-none-match": '"own"' };
  assertEquals((await fetch("/own", { headers })).status, 304);
  assertEquals((await fetch("/none", { headers: { "if-none-match": "*" } })).status, 200);
});

bothWays("tag that the handler has set is used as it is", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setHeader("ETag", '"mine"');
        this.write("small");
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/")).headers.get("etag"), '"mine"');
  assertEquals((await fetch("/", { headers: { "if-none-match": '"mine"' } })).status, 304);
});

const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

bothWays("If-Modified-Since is compared with Last-Modified, unless there are tags", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setHeader("Last-Modified", new Date(Date.parse(MODIFIED) + 500));
        this.write("body");
      }
    },
  ],
  [
    "/odd",
    class extends RequestHandler {
      override get() {
        this.setHeader("Last-Modified", "yesterday");
      }
    },
  ],
], async (fetch) => {
  const status = async (headers: HeadersInit, path = "/") =>
    (await fetch(path, { headers })).status;
  assertEquals(await status({ "if-modified-since": MODIFIED }), 304);
  assertEquals(await status({ "if-modified-since": "Mon, 07 Nov 1994 08:49:37 GMT" }), 304);
  assertEquals(await status({ "if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }), 304);
  assertEquals(await status({ "if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT" }), 200);
  assertEquals(await status({ "if-modified-since": "not a date" }), 200);
  assertEquals(await status({ "if-modified-since": MODIFIED, "if-none-match": '"x"' }), 200);
  assertEquals(await status({ "if-modified-since": MODIFIED }, "/odd"), 200);
  assertEquals((await fetch("/")).headers.get("last-modified"), MODIFIED);
});

// ---- lengths and bodies

bothWays("right Content-Length is sent, and a wrong one is an error", [
  [
    "/(\\d+)",
    class extends RequestHandler {
      override get(length: string) {
        this.setHeader("Content-Length", Number(length));
        this.write("h\u00e9llo");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const right = await fetch("/6");
  assertEquals([right.headers.get("content-length"), await right.text()], ["6", "héllo"]);
  for (const wrong of ["/5", "/7", "/0"]) {
    assertEquals((await fetch(wrong)).status, 500);
    await expectLog(records, "error", /Content-Length is \d, but 6 bytes were written/);
  }
});

for (const status of [204, 304]) {
  bothWays(`response of status ${status} has no body and no fields of one`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.setStatus(status);
          this.setHeader("Content-Language", "en");
          this.setHeader("X-Kept", "yes");
        }
        override post() {
          this.setStatus(status);
          this.write("a body");
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/");
    assertEquals([response.status, await response.text()], [status, ""]);
    const { headers } = response;
    assertEquals(headers.get("x-kept"), "yes");
    assertEquals([headers.get("content-type"), headers.get("content-language")], [null, null]);
    assertEquals((await fetch("/", { method: "POST" })).status, 500);
    await expectLog(records, "error", new RegExp(`Cannot send a body with status ${status}`));
  });
}

bothWays("every status from 200 to 599 but 205 can be set, and no other", [
  [
    "/(-?[\\w.]+)",
    class extends RequestHandler {
      override get(status: string) {
        this.setStatus(Number(status));
        assertEquals(this.getStatus(), Number(status));
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  for (let status = 200; status < 600; status += 1) {
    if (status === 205) continue;
    assertEquals((await fetch(`/${status}`)).status, status);
  }
  for (const status of ["0", "100", "101", "199", "600", "999", "-1", "200.5", "NaN"]) {
    assertEquals((await fetch(`/${status}`)).status, 500);
    await expectLog(records, "error", /must be an integer from 200 to 599/);
  }
});

// ---- write

bothWays("write takes text, bytes and what becomes JSON", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override get(kind: string) {
        if (kind === "text") this.write("té");
        if (kind === "bytes") this.write(new Uint8Array([0, 255]));
        if (kind === "both") {
          this.write("a");
          this.write(new Uint8Array([0x62]));
          this.write("c");
        }
        if (kind === "object") this.write({ a: [1, null] });
        if (kind === "bare") this.write(Object.assign(Object.create(null), { a: 1 }));
        if (kind === "array") this.write([1, { b: 2 }]);
        if (kind === "date") this.write(new Date(0));
        if (kind === "typed") {
          this.setHeader("Content-Type", "application/ld+json");
          this.write({ a: 1 });
        }
        if (kind === "nothing") this.write("");
      }
    },
  ],
], async (fetch) => {
  const expected: Record<string, [type: string | null, body: number[] | string]> = {
    text: ["text/html; charset=UTF-8", "té"],
    bytes: ["text/html; charset=UTF-8", [0, 255]],
    both: ["text/html; charset=UTF-8", "abc"],
    object: ["application/json", '{"a":[1,null]}'],
    bare: ["application/json", '{"a":1}'],
    array: ["application/json", '[1,{"b":2}]'],
    date: ["application/json", '"1970-01-01T00:00:00.000Z"'],
    typed: ["application/ld+json", '{"a":1}'],
    nothing: ["text/html; charset=UTF-8", ""],
  };
  for (const [kind, [type, body]] of Object.entries(expected)) {
    const response = await fetch(`/${kind}`);
    assertEquals(response.headers.get("content-type"), type);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
    assertEquals(await response.bytes(), bytes as Uint8Array<ArrayBuffer>);
  }
});

const circular: { self?: object } = {};
circular.self = circular;

for (
  const [name, value, message] of [
    ["null", null, /Cannot write null/],
    ["undefined", undefined, /Cannot write undefined/],
    ["a number", 5, /Cannot write a number/],
    ["a Map", new Map(), /Cannot write an instance of Map/],
    ["an ArrayBuffer", new ArrayBuffer(1), /Cannot write an instance of ArrayBuffer/],
    ["a nameless instance", new (class {})(), /an unnamed class/],
    ["a Promise", Promise.resolve(), /Cannot write an instance of Promise/],
    ["what is no JSON", { toJSON: () => undefined }, /Cannot write/],
    ["a cycle", circular, /circular/],
    ["a bigint in JSON", { a: 1n }, /BigInt/],
  ] as const
) {
  bothWays(`write of ${name} is an error`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.write(value as unknown as string);
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    await expectLog(records, "error", message);
  });
}

bothWays("content type that was cleared is not sent", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        assertEquals(this.getHeader("content-type"), "text/html; charset=UTF-8");
        this.clearHeader("content-TYPE");
        assertEquals(this.getHeader("Content-Type"), null);
        this.write("untyped");
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals([response.headers.get("content-type"), await response.text()], [null, "untyped"]);
});

bothWays("header fields are set, added, read and cleared", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setHeader("X-A", "1");
        this.setHeader("x-a", 2);
        this.addHeader("X-B", "1");
        this.addHeader("x-b", "2");
        this.setHeader("X-Date", new Date(0));
        this.setHeader("X-Gone", "1");
        this.clearHeader("x-gone");
        this.clearHeader("x-never");
        this.setHeader("X-Empty", "");
        this.addHeader("Content-Type", "text/plain");
        assertEquals([this.getHeader("X-a"), this.getHeader("X-B")], ["2", "1, 2"]);
        assertEquals([this.getHeader("X-Gone"), this.getHeader("X-Empty")], [null, ""]);
        this.addHeader("Set-Cookie", "a=1");
        this.addHeader("Set-Cookie", "b=2");
      }
    },
  ],
], async (fetch) => {
  const { headers } = await fetch("/");
  assertEquals(headers.get("x-a"), "2");
  assertEquals(headers.get("x-b"), "1, 2");
  assertEquals(headers.get("x-date"), "Thu, 01 Jan 1970 00:00:00 GMT");
  assertEquals([headers.get("x-gone"), headers.get("x-empty")], [null, ""]);
  assertEquals(headers.get("content-type"), "text/plain");
  assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
});

for (
  const [name, value, message] of [
    ["X", NaN, /a finite number or a valid Date, got NaN/],
    ["X", Infinity, /got Infinity/],
    ["X", new Date(NaN), /got an invalid Date/],
    ["X", null, /got null/],
    ["X", undefined, /got undefined/],
    ["X", {}, /got object/],
    ["X", true, /got boolean/],
    ["X", "\u0100", /U\+0100, which is not Latin-1/],
    ["", "v", /the name is not a token/],
    ["X Y", "v", /the name is not a token/],
    ["X:", "v", /the name is not a token/],
    ["\u00e9", "v", /the name is not a token/],
  ] as const
) {
  bothWays(`header ${JSON.stringify(name)} cannot be ${Deno.inspect(value)}`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.setHeader(name, value as unknown as string);
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    assert((await expectLog(records, "error", message)).message.includes("Cannot set header"));
  });
}

bothWays("header with a name as long as Content-Type is one of its own", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setHeader("X-Request-Id", "7");
        this.addHeader("X-Request-Id", "8");
        assertEquals(this.getHeader("x-request-id"), "7, 8");
        assertEquals(this.getHeader("CONTENT-TYPE"), "text/html; charset=UTF-8");
      }
    },
  ],
], async (fetch) => {
  const { headers } = await fetch("/");
  assertEquals(headers.get("x-request-id"), "7, 8");
  assertEquals(headers.get("content-type"), "text/html; charset=UTF-8");
});

bothWays("clear takes the content type and the reason back", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setStatus(404, "Gone fishing");
        this.setHeader("Content-Type", "text/plain");
        this.write("never ");
        this.write("sent");
        this.clear();
        this.write(`${this.getStatus()}`);
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals([response.status, await response.text()], [200, "200"]);
  assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
});
