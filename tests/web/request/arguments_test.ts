import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

class ArgumentHandler extends RequestHandler {
  override get() {
    this.#answer();
  }
  override post() {
    this.#answer();
  }
  #answer() {
    this.write({
      argument: this.getArgument("a", null),
      all: this.getArguments("a"),
      query: this.getQueryArgument("a", null),
      allQuery: this.getQueryArguments("a"),
      body: this.getBodyArgument("a", null),
      allBody: this.getBodyArguments("a"),
    });
  }
}

bothWays("arguments are those of the query, then those of the form, and the last one wins", [
  ["/", ArgumentHandler],
], async (fetch) => {
  const response = await fetch("/?a=1&b=x&a=2", { method: "POST", headers: FORM, body: "a=3&a=4" });
  assertEquals(await response.json(), {
    argument: "4",
    all: ["1", "2", "3", "4"],
    query: "2",
    allQuery: ["1", "2"],
    body: "4",
    allBody: ["3", "4"],
  });
});

bothWays("argument that was not sent is its default, or an empty list", [
  ["/", ArgumentHandler],
], async (fetch) => {
  assertEquals(await (await fetch("/?b=1")).json(), {
    argument: null,
    all: [],
    query: null,
    allQuery: [],
    body: null,
    allBody: [],
  });
});

bothWays("argument that was sent empty is empty", [["/", ArgumentHandler]], async (fetch) => {
  assertEquals((await (await fetch("/?a=")).json()).argument, "");
  assertEquals((await (await fetch("/?a")).json()).argument, "");
});

bothWays("names of members of objects are arguments like any other", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        const names = ["__proto__", "constructor", "toString"];
        this.write({ values: names.map((name) => this.getArgument(name, "none")) });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/?__proto__=1")).json(), { values: ["1", "none", "none"] });
  assertEquals(await (await fetch("/?constructor=1")).json(), { values: ["none", "1", "none"] });
});

for (const missing of ["getArgument", "getQueryArgument", "getBodyArgument"] as const) {
  bothWays(`${missing} without a default is a 400`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this[missing]("absent");
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/?present=1")).status, 400);
    await expectLog(records, "warning", /Missing argument absent/);
  });
}

class CleanHandler extends RequestHandler {
  override get() {
    this.write({
      stripped: this.getArgument("a"),
      whole: this.getArgument("a", undefined, { strip: false }),
      also: this.getArgument("a", undefined, {}),
      all: this.getArguments("a", { strip: false }),
    });
  }
}

bothWays("arguments are stripped unless told otherwise", [["/", CleanHandler]], async (fetch) => {
  assertEquals(await (await fetch("/?a=%20%0A+b%20c%09")).json(), {
    stripped: "b c",
    also: "b c",
    whole: " \n b c\t",
    all: [" \n b c\t"],
  });
});

bothWays("control characters in arguments become spaces, but tab and line ends", [
  ["/", CleanHandler],
], async (fetch) => {
  for (let code = 0; code < 0x20; code++) {
    const response = await fetch(`/?a=x%${code.toString(16).padStart(2, "0")}y`);
    const kept = code >= 0x09 && code <= 0x0d;
    assertEquals((await response.json()).whole, kept ? `x${String.fromCharCode(code)}y` : "x y");
  }
});

bothWays("arguments are percent-decoded, with + as a space", [
  ["/", ArgumentHandler],
], async (fetch) => {
  const cases = {
    "caf%C3%A9": "café",
    "a+b": "a b",
    "a%2Bb": "a+b",
    "100%": "100%",
    "%zz": "%zz",
    "%F0%9F%8C%AA": "🌪",
    "a=b=c": "a=b=c",
    "%26%3D": "&=",
  };
  for (const [sent, value] of Object.entries(cases)) {
    assertEquals((await (await fetch(`/?a=${sent}`)).json()).argument, value);
  }
});

const BAD_UTF8 = ["%E9", "%C3", "%FF%FE", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80"];

bothWays("argument that is not UTF-8 is a 400", [["/", ArgumentHandler]], async (fetch) => {
  for (const bad of BAD_UTF8) {
    using records = captureLogs();
    assertEquals((await fetch(`/?a=${bad}`)).status, 400);
    await expectLog(records, "warning", /Invalid unicode in argument "a"/);
    assertEquals(
      (await fetch("/", { method: "POST", headers: FORM, body: `a=${bad}` })).status,
      400,
    );
    await expectLog(records, "warning", /Invalid unicode in argument "a"/);
    assertEquals((await fetch(`/?${bad}=1`)).status, 400);
    await expectLog(records, "warning", /Invalid unicode in the name of an argument/);
  }
});

bothWays("bad UTF-8 in a query that no one reads harms nobody", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.write("ok");
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/?a=%FF")).text(), "ok");
});

class Latin1Handler extends RequestHandler {
  readonly #names: string[] = [];
  override decodeArgument(value: Uint8Array, name?: string) {
    this.#names.push(String(name));
    return new TextDecoder("latin1").decode(value);
  }
  override get(path: string) {
    this.write({ path, a: this.getArgument("a", "none"), names: this.#names });
  }
  override post(path: string) {
    this.write({ path, a: this.getArgument("a", "none"), names: this.#names });
  }
}

bothWays("decodeArgument of the handler decodes path, query and form", [
  ["/(.*)", Latin1Handler],
], async (fetch) => {
  assertEquals(await (await fetch("/caf%E9?a=%FC")).json(), {
    path: "café",
    a: "ü",
    names: ["undefined", "undefined", "a"],
  });
  const posted = await fetch("/x", { method: "POST", headers: FORM, body: "a=%FC" });
  assertEquals((await posted.json()).a, "ü");
});

bothWays("decodeArgument of the handler decodes named groups and fields of multipart forms", [
  [
    "/:name",
    class extends Latin1Handler {
      override post() {
        this.write({ kwargs: { ...this.pathKwargs }, a: this.getArgument("a") });
      }
    },
  ],
], async (fetch) => {
  const body = new FormData();
  body.append("a", "\u00fc");
  const response = await fetch("/caf%E9", { method: "POST", body });
  assertEquals(await response.json(), { kwargs: { name: "café" }, a: "Ã¼" });
});

bothWays("exception in decodeArgument is a 500, logged once", [
  [
    "/(.*)",
    class extends RequestHandler {
      override decodeArgument(): string {
        throw new Error("in decodeArgument");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/x")).status, 500);
  await expectLog(records, "error", /in decodeArgument/);
});

for (const [maxArguments, count] of [[3, 3], [undefined, 1000]] as const) {
  bothWays(`${count} arguments are read with maxArguments ${maxArguments}, and no more`, () => {
    return new Application(
      [["/", ArgumentHandler]],
      maxArguments === undefined ? {} : { maxArguments },
    );
  }, async (fetch) => {
    using records = captureLogs();
    const body = "a=1&".repeat(count);
    const post = (body: string) => fetch("/", { method: "POST", headers: FORM, body });
    assertEquals((await (await post(body)).json()).allBody.length, count);
    assertEquals((await post(`${body}b=1`)).status, 400);
    await expectLog(records, "warning", /more than \d+ fields/);
  });
}

// ---- path arguments

class PathHandler extends RequestHandler {
  override get(...args: string[]) {
    this.write({ args: args.map((arg) => arg ?? "undefined"), kwargs: { ...this.pathKwargs } });
  }
}

bothWays("groups of the path reach the verb decoded", [["/a/(.*)", PathHandler]], async (fetch) => {
  const cases = {
    "x": "x",
    "": "",
    "caf%C3%A9": "café",
    "a+b": "a+b",
    "a%2Fb": "a/b",
    "a%2fb/c": "a/b/c",
    "100%": "100%",
    "%zz": "%zz",
    "a%00b": "a\0b",
    "%25C3": "%C3",
    "café": "café",
  };
  for (const [sent, arg] of Object.entries(cases)) {
    assertEquals((await (await fetch(`/a/${sent}`)).json()).args, [arg]);
  }
});

bothWays(
  "group of the path that is not UTF-8 is a 400",
  [["/(.*)", PathHandler]],
  async (fetch) => {
    for (const bad of BAD_UTF8) {
      using records = captureLogs();
      assertEquals((await fetch(`/${bad}`)).status, 400);
      await expectLog(records, "warning", /Invalid unicode in url/);
    }
  },
);

bothWays("named groups of the path are in pathKwargs too", [
  ["/:user/:id(\\d+)", PathHandler],
  [/\/(?<kind>\w+)!(\w+)/, PathHandler],
  ["/written/(?<id>\\d+)", PathHandler],
], async (fetch) => {
  assertEquals(await (await fetch("/mar%C3%ADa/7")).json(), {
    args: ["maría", "7"],
    kwargs: { user: "maría", id: "7" },
  });
  assertEquals(await (await fetch("/a!b")).json(), { args: ["a", "b"], kwargs: { kind: "a" } });
  assertEquals((await (await fetch("/written/5")).json()).kwargs, { user: "written", id: "5" });
});

bothWays("group that took no part is undefined", [
  [/\/a(?:\/(\d+))?(?:\/(?<name>[a-z]+))?/, PathHandler],
], async (fetch) => {
  assertEquals(await (await fetch("/a")).json(), { args: ["undefined", "undefined"], kwargs: {} });
  assertEquals((await (await fetch("/a/5")).json()).args, ["5", "undefined"]);
  assertEquals(await (await fetch("/a/b")).json(), {
    args: ["undefined", "b"],
    kwargs: { name: "b" },
  });
});

bothWays("route without groups has no path arguments", [["/", PathHandler]], async (fetch) => {
  assertEquals(await (await fetch("/")).json(), { args: [], kwargs: {} });
});

// ---- only what is asked for is decoded

class OneHandler extends RequestHandler {
  override get() {
    this.#answer();
  }
  override post() {
    this.#answer();
  }
  #answer() {
    const query = this.request.query === "" ? "none" : this.getQueryArgument("n");
    this.write({ n: this.getArgument("n"), all: this.getArguments("n"), query });
  }
}

bothWays(
  "argument is read beside others that are not UTF-8",
  [["/", OneHandler]],
  async (fetch) => {
    for (const bad of BAD_UTF8) {
      for (const query of [`n=1&utm=${bad}`, `utm=${bad}&n=1`, `n=1&${bad}=2`]) {
        assertEquals(await (await fetch(`/?${query}`)).json(), { n: "1", all: ["1"], query: "1" });
        const posted = await fetch("/", { method: "POST", headers: FORM, body: query });
        assertEquals(await posted.json(), { n: "1", all: ["1"], query: "none" });
        const both = await fetch(`/?${query}`, { method: "POST", headers: FORM, body: "n=2" });
        assertEquals((await both.json()).all, ["1", "2"]);
      }
    }
  },
);

bothWays("field of a multipart form is read beside others that are not UTF-8", [
  ["/", OneHandler],
], async (fetch) => {
  const head = '--b\r\nContent-Disposition: form-data; name="';
  const encoder = new TextEncoder();
  const body = new Uint8Array([
    ...encoder.encode(`${head}utm"\r\n\r\n`),
    0xe9,
    ...encoder.encode(`\r\n${head}n"\r\n\r\n1\r\n--b--\r\n`),
  ]);
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const posted = await fetch("/", { method: "POST", headers, body });
  assertEquals(await posted.json(), { n: "1", all: ["1"], query: "none" });
});

bothWays("arguments as a whole are a 400 if one of them is not UTF-8", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.getArgument("n");
        this.write(this.request.arguments);
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/?n=1&utm=%E9")).status, 400);
  await expectLog(records, "warning", /Invalid unicode in argument "utm"/);
});

bothWays("argument that may have the name which is not UTF-8 is a 400", [
  ["/", OneHandler],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/?%E9=1")).status, 400);
  await expectLog(records, "warning", /Invalid unicode in the name of an argument/);
  const init = { method: "POST", headers: FORM, body: "%E9=1" };
  assertEquals((await fetch("/", init)).status, 400);
  await expectLog(records, "warning", /Invalid unicode in the name of an argument/);
});

bothWays("what a handler changes in the arguments is what it gets", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        Object.assign(this.request.arguments, { a: ["changed"] });
        Object.assign(this.request.queryArguments, { b: ["changed"] });
        this.write({ a: this.getArgument("a"), b: this.getQueryArgument("b") });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/?a=1&b=2")).json(), { a: "changed", b: "changed" });
});

bothWays("decodeArgument sees no value that is not asked for", [
  ["/(.*)", Latin1Handler],
], async (fetch) => {
  assertEquals((await (await fetch("/?b=1&a=2")).json()).names, [
    "undefined",
    "undefined",
    "undefined",
    "a",
  ]);
});

bothWays("decodeArgument decodes a value once", [
  [
    "/",
    class extends RequestHandler {
      #count = 0;
      override decodeArgument(value: Uint8Array, name?: string) {
        if (name !== undefined) this.#count++;
        return String(value.length);
      }
      override get() {
        this.getArgument("1");
        this.getArguments("1");
        this.write({ count: this.#count, all: this.request.arguments, again: this.#count });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/?a=12")).json(), { count: 1, all: { 1: ["2"] }, again: 1 });
});

bothWays("unknown option of an argument is named", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        const misspelled = { strip: true, strips: false };
        this.getArgument("a", "b", misspelled);
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /Unknown option "strips"/);
});

// ---- a body that is not what it was taken for

class FormOrJsonHandler extends RequestHandler {
  override post() {
    this.write({ n: this.getArgument("n"), m: this.getBodyArgument("m") });
  }
  override put() {
    this.write({ json: this.request.json() });
  }
}

const JSON_BODY = '\r\n {"n": 1}';
const MISTAKEN: [method: string, type: string | null, body: string, message: RegExp][] = [
  [
    "POST",
    "application/json",
    JSON_BODY,
    /argument n: the body is JSON, read it with this\.request\.js/,
  ],
  ["POST", "application/ld+json", "[]", /argument n: the body is JSON/],
  [
    "POST",
    null,
    JSON_BODY,
    /the body looks like JSON, but it has no Content-Type: send it as appl/,
  ],
  ["POST", "text/plain", "[1]", /looks like JSON, but its Content-Type is .*text\/plain/],
  [
    "POST",
    FORM["content-type"],
    JSON_BODY,
    /the body looks like JSON, but its Content-Type is .*x-www/,
  ],
  ["POST", "text/plain", "n=1", /the body is not a form, as its Content-Type is .*text\/plain/],
  ["POST", null, "n=1", /the body is not a form, as it has no Content-Type/],
  ["POST", null, `${" ".repeat(100)}{`, /the body is not a form/],
  ["POST", FORM["content-type"], "n=1", /Missing argument m: it was not sent/],
  ["POST", FORM["content-type"], "", /Missing argument n: it was not sent/],
  ["POST", "application/json", "", /Missing argument n: it was not sent/],
  [
    "PUT",
    FORM["content-type"],
    "n=1",
    /Malformed JSON body: the body is a form, read it with this\.getB/,
  ],
  ["PUT", "application/json", "n=1", /Malformed JSON body(?!:)/],
  ["PUT", FORM["content-type"], "{", /Malformed JSON body(?!:)/],
  ["PUT", null, "n=1", /Malformed JSON body(?!:)/],
];

for (const [method, type, body, message] of MISTAKEN) {
  bothWays(`${method} ${JSON.stringify(body.slice(-9))} of ${type} says what it is`, [
    ["/", FormOrJsonHandler],
  ], async (fetch) => {
    using records = captureLogs();
    const headers: HeadersInit = type === null ? {} : { "content-type": type };
    const bytes = new TextEncoder().encode(body);
    assertEquals((await fetch("/", { method, headers, body: bytes })).status, 400);
    await expectLog(records, "warning", message);
  });
}

bothWays("JSON body may be nested a thousand deep, and no deeper", [
  ["/", FormOrJsonHandler],
], async (fetch) => {
  using records = captureLogs();
  const send = async (depth: number) => {
    const body = "[".repeat(depth) + "]".repeat(depth);
    const response = await fetch("/", { method: "PUT", body });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await send(1_000), 200);
  assertEquals(await send(1_001), 400);
  await expectLog(
    records,
    "warning",
    /Malformed JSON body: arrays and objects are nested more than 1000 deep/,
  );
});
