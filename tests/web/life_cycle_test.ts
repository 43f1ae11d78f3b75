import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { Finish, HTTPError, MissingArgumentError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { poll } from "../support/poll.ts";
import { bothWays } from "../support/serve.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

/** Notes the hooks that run, in the application's own list. */
class Diary extends Application {
  readonly entries: string[] = [];
}

class OrderHandler extends RequestHandler<Diary> {
  override setDefaultHeaders() {
    this.#note("setDefaultHeaders");
  }
  override initialize(args: { greeting?: string }) {
    this.#note(`initialize ${args.greeting}`);
  }
  override async getCurrentUser() {
    await undefined;
    this.#note("getCurrentUser");
    return "maria";
  }
  override prepare() {
    this.#note(`prepare ${this.currentUser} ${this.pathArgs}`);
  }
  override get(id: string) {
    this.#note(`get ${id}`);
  }
  override post(id: string) {
    this.#note(`post ${id} ${this.request.text()}`);
  }
  override onFinish() {
    this.#note("onFinish");
  }
  #note(entry: string) {
    this.application.entries.push(entry);
  }
}

for (const [method, body] of [["GET", null], ["POST", "x"]] as const) {
  const app = new Diary([["/(\\d+)", OrderHandler, { greeting: "hello" }]]);
  bothWays(`life cycle calls the hooks in order for ${method}`, () => app, async (fetch) => {
    app.entries.length = 0;
    await fetch("/7", { method, body });
    assertEquals(app.entries, [
      "setDefaultHeaders",
      "initialize hello",
      "getCurrentUser",
      "prepare maria 7",
      body === null ? "get 7" : "post 7 x",
      "onFinish",
    ]);
  });
}

class SyncHandler extends RequestHandler {
  override get() {
    this.write("at once");
  }
}

Deno.test("handler that never awaits is answered in the same turn of the loop", async () => {
  const app = new Application([["/", SyncHandler]]);
  const response = app.fetch(new Request("http://localhost/"));
  assert(response instanceof Response);
  assertEquals(await response.text(), "at once");
});

Deno.test("handler that awaits is answered by a promise", async () => {
  class AsyncHandler extends RequestHandler {
    override async get() {
      await undefined;
      this.write("later");
    }
  }
  const response = new Application([["/", AsyncHandler]]).fetch(new Request("http://localhost/"));
  assert(response instanceof Promise);
  assertEquals(await (await response).text(), "later");
});

class EachHandler extends RequestHandler {
  static made = 0;
  readonly #number: number = EachHandler.made++;
  override get() {
    this.write(`${this.#number}`);
  }
}

bothWays("every request has a handler of its own", [["/", EachHandler]], async (fetch) => {
  const [first, second] = [await (await fetch("/")).text(), await (await fetch("/")).text()];
  assert(first !== second);
});

class PreparedHandler extends RequestHandler {
  override prepare() {
    if (this.getArgument("how") === "finish") this.finish("prepared");
    if (this.getArgument("how") === "return") return new Response("prepared");
    if (this.getArgument("how") === "redirect") this.redirect("/elsewhere");
    if (this.getArgument("how") === "later") {
      return Promise.resolve().then(() => void this.finish("prepared"));
    }
  }
  override get() {
    this.write("never");
  }
}

for (const how of ["finish", "return", "later"]) {
  bothWays(`prepare that answers by ${how} keeps the verb from running`, [
    ["/", PreparedHandler],
  ], async (fetch) => {
    assertEquals(await (await fetch(`/?how=${how}`)).text(), "prepared");
  });
}

bothWays("prepare that redirects keeps the verb from running", [
  ["/", PreparedHandler],
], async (fetch) => {
  const response = await fetch("/?how=redirect");
  assertEquals([response.status, await response.text()], [302, ""]);
});

// ---- failures of hooks

/** Fails in the hook that the query names, at once or later. */
class FailingHandler extends RequestHandler<Diary> {
  override setDefaultHeaders() {
    this.#fail("setDefaultHeaders");
  }
  override initialize() {
    this.#fail("initialize");
  }
  override getCurrentUser(): unknown {
    this.#fail("getCurrentUser");
    return "maria";
  }
  override prepare(): void | Promise<void> {
    if (!this.currentUser) return;
    this.#fail("prepare");
    if (this.request.query === "async prepare") return this.#failLater("prepare");
    if (this.request.query === "async%20prepare") return this.#failLater("prepare");
  }
  override get(): void | Promise<void> {
    if (this.request.query === "async%20get") return this.#failLater("get");
    this.#fail("get");
    this.write("went well");
  }
  override computeEtag(): string | null {
    this.#fail("computeEtag");
    return null;
  }
  override onFinish() {
    this.application.entries.push("onFinish");
    this.#fail("onFinish");
  }
  #fail(hook: string) {
    if (this.request.query === hook) throw new Error(`in ${hook}`);
  }
  async #failLater(hook: string) {
    await undefined;
    throw new Error(`in ${hook}`);
  }
}

const HOOKS = [
  "setDefaultHeaders",
  "initialize",
  "getCurrentUser",
  "prepare",
  "async prepare",
  "get",
  "async get",
  "computeEtag",
];

for (const hook of HOOKS) {
  const app = new Diary([["/", FailingHandler]]);
  bothWays(
    `exception in ${hook} is logged once and answered with 500`,
    () => app,
    async (fetch) => {
      using records = captureLogs();
      app.entries.length = 0;
      const response = await fetch(`/?${encodeURIComponent(hook)}`);
      assertEquals(response.status, 500);
      assertStringIncludes(await response.text(), "<h1>500: Internal Server Error</h1>");
      const record = await expectLog(records, "error", /^Uncaught exception GET \//);
      assertStringIncludes(record.message, `in ${hook.replace("async ", "")}`);
      assertEquals(records.messages("gustnado.application").length, 1);
      assertEquals(app.entries, ["onFinish"]);
      assertEquals(await (await fetch("/")).text(), "went well");
    },
  );
}

bothWays("exception in onFinish is logged once, and the response is the handler's", () => {
  return new Diary([["/", FailingHandler]]);
}, async (fetch) => {
  using records = captureLogs();
  assertEquals(await (await fetch("/?onFinish")).text(), "went well");
  await expectLog(records, "error", /in onFinish/);
});

class BrokenConstructor extends RequestHandler {
  constructor(...args: ConstructorParameters<typeof RequestHandler>) {
    super(...args);
    throw new Error("in the constructor");
  }
}

bothWays("exception in a handler's constructor is logged once and answered with 500", [
  ["/", BrokenConstructor],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /in the constructor/);
});

Deno.test("onFinish runs though logFunction fails", async () => {
  using records = captureLogs();
  let finished = 0;
  class Handler extends RequestHandler {
    override get() {
      this.write("ok");
    }
    override onFinish() {
      finished++;
    }
  }
  const app = new Application([["/", Handler]], {
    logFunction: () => {
      throw new Error("in logFunction");
    },
  });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals([response.status, await response.text(), finished], [200, "ok", 1]);
  await expectLog(records, "error", /in logFunction/);
});

Deno.test("exception in logException is logged beside the one that it was to log", async () => {
  using records = captureLogs();
  class Handler extends RequestHandler {
    override get() {
      throw new Error("in get");
    }
    override logException() {
      throw new Error("in logException");
    }
  }
  const app = new Application([["/", Handler]]);
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
  await expectLog(records, "error", /in logException/);
  await expectLog(records, "error", /in get/);
});

Deno.test("application whose logException fails still answers", async () => {
  using records = captureLogs();
  class Broken extends Application {
    override logException() {
      throw new Error("in logException");
    }
  }
  class Handler extends RequestHandler {
    override async get() {
      await undefined;
      throw new Error("in get");
    }
  }
  const response = await new Broken([["/", Handler]]).fetch(new Request("http://localhost/"));
  assertEquals(response.status, 500);
  await expectLog(records, "error", /in logException/);
  await expectLog(records, "error", /in get/);
});

bothWays("what is thrown need not be an Error", [
  [
    "/null",
    class extends RequestHandler {
      override get() {
        throw null;
      }
    },
  ],
  [
    "/text",
    class extends RequestHandler {
      override async get() {
        await Promise.reject("some text");
      }
    },
  ],
  [
    "/nothing",
    class extends RequestHandler {
      override async get() {
        await Promise.reject();
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  for (const path of ["/null", "/text", "/nothing"]) {
    assertEquals((await fetch(path)).status, 500);
    await expectLog(records, "error", new RegExp(`Uncaught exception GET ${path}`));
  }
});

class ReturningHandler extends RequestHandler {
  override get() {
    return "text" as unknown as void;
  }
}

bothWays("verb that returns anything but a Response is an error that says what to do", [
  ["/", ReturningHandler],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /Cannot answer with the string that .* returned: write\(\) it/);
});

// ---- Finish

class FinishHandler extends RequestHandler {
  override prepare() {
    if (this.request.query === "prepare") throw new Finish("prepared");
  }
  override async get() {
    this.setStatus(202);
    this.write("a");
    if (this.request.query === "chunk") throw new Finish({ not: "written" }.not);
    if (this.request.query === "after") {
      this.finish("b");
      throw new Finish("c");
    }
    await undefined;
    throw new Finish();
  }
}

bothWays("Finish ends the request and sends what was written", [
  ["/", FinishHandler],
], async (fetch) => {
  using _records = captureLogs();
  const bodies = { "/": "a", "/?prepare": "prepared", "/?chunk": "awritten", "/?after": "ab" };
  for (const [path, body] of Object.entries(bodies)) {
    const response = await fetch(path);
    assertEquals([response.status, await response.text()], [
      path === "/?prepare" ? 200 : 202,
      body,
    ]);
  }
});

// ---- HTTPError

class ErrorsHandler extends RequestHandler {
  override get() {
    this.setHeader("X-Set", "before");
    this.setCookie("kept", "yes");
    this.write("never sent");
    throw new HTTPError(Number(this.getArgument("status")), {
      logMessage: "no <tea>",
      reason: "Out of <tea>",
      headers: { "Retry-After": "60" },
    });
  }
}

bothWays("HTTPError is answered with its status, its headers and its reason, escaped", [
  ["/", ErrorsHandler],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/?status=503");
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "60");
  assertEquals(response.headers.get("x-set"), null);
  assertEquals(response.headers.getSetCookie(), ["kept=yes; Path=/"]);
  const page = await response.text();
  assertStringIncludes(page, "503: Out of &#60;tea&#62;");
  assert(!page.includes("never sent") && !page.includes("no <tea>"));
  await expectLog(records, "warning", /^503 GET \/\?status=503 \([\d.]+\): no <tea>$/);
});

bothWays("HTTPError without a message is not logged", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(403);
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, (await response.text()).includes("403: Forbidden")], [403, true]);
  assertEquals(records.messages("gustnado.general").length, 0);
});

for (const status of [204, 304]) {
  bothWays(`HTTPError of status ${status} has no body`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          throw new HTTPError(status, { headers: { ETag: '"a"' } });
        }
      },
    ],
  ], async (fetch) => {
    using _records = captureLogs();
    const response = await fetch("/");
    assertEquals([response.status, await response.text()], [status, ""]);
    assertEquals(response.headers.get("etag"), '"a"');
    assertEquals(response.headers.get("content-type"), null);
  });
}

bothWays("status without a standard reason is called Unknown", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(499);
      }
    },
  ],
], async (fetch) => {
  assertStringIncludes(await (await fetch("/")).text(), "499: Unknown");
});

bothWays("HTTPError whose header cannot be sent is answered with its status all the same", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(401, { headers: { "WWW-Authenticate": "a\u0001b" } });
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, response.headers.get("www-authenticate")], [401, null]);
  await expectLog(records, "error", /control character U\+0001/);
});

bothWays("missing argument is answered with 400 and named in the log alone", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.getArgument("shape");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals(response.status, 400);
  assert(!(await response.text()).includes("shape"));
  await expectLog(records, "warning", /Missing argument shape/);
});

Deno.test("exceptions tell what they are", () => {
  const error = new HTTPError(404, { logMessage: "no story", cause: "a cause" });
  assertEquals(
    [error.name, error.message, error.status, error.reason, error.cause],
    ["HTTPError", "HTTP 404: Not Found (no story)", 404, undefined, "a cause"],
  );
  assertEquals(new HTTPError().status, 500);
  assertEquals(new HTTPError(404, { reason: "Gone fishing" }).message, "HTTP 404: Gone fishing");
  const missing = new MissingArgumentError("id");
  assertEquals([missing.name, missing.status, missing.argName], [
    "MissingArgumentError",
    400,
    "id",
  ]);
  assertEquals(new Finish("x").chunk, "x");
});

for (const status of [0, 99, 101, 199, 600, 200.5, NaN, Infinity]) {
  Deno.test(`HTTPError cannot have the status ${status}`, () => {
    try {
      new HTTPError(status);
      throw new Error("It could");
    } catch (error) {
      assert(error instanceof RangeError, String(error));
      assertStringIncludes(error.message, `Cannot use ${status} as the status`);
    }
  });
}

// ---- writeError and sendError

class OwnErrorHandler extends RequestHandler {
  override get() {
    const status = Number(this.getArgument("status", "418"));
    if (this.request.query.includes("send")) return this.sendError(status);
    throw new HTTPError(status, { reason: "A teapot" });
  }
  override writeError(status: number, { error }: { error?: unknown }) {
    const reason = error instanceof HTTPError ? error.reason : "none";
    this.write({ status, reason: reason ?? "none" });
  }
}

bothWays("writeError of the handler makes the error page", [
  ["/", OwnErrorHandler],
], async (fetch) => {
  const thrown = await fetch("/");
  assertEquals(thrown.status, 418);
  assertEquals(thrown.headers.get("content-type"), "application/json");
  assertEquals(await thrown.json(), { status: 418, reason: "A teapot" });
  assertEquals(await (await fetch("/?send&status=404")).json(), { status: 404, reason: "none" });
});

bothWays("writeError also serves errors that come before the verb", [
  ["/", OwnErrorHandler],
], async (fetch) => {
  const response = await fetch("/", { method: "DELETE" });
  assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
  assertEquals((await response.json()).status, 405);
});

class BrokenErrorHandler extends RequestHandler {
  override get() {
    throw new Error("in get");
  }
  override writeError() {
    this.write("half a page");
    throw new Error("in writeError");
  }
}

bothWays("exception in writeError is logged, and the response ends", [
  ["/", BrokenErrorHandler],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, await response.text()], [500, "half a page"]);
  await expectLog(records, "error", /in get/);
  await expectLog(records, "error", /in writeError/);
  assertEquals(records.messages("gustnado.application").length, 2);
});

bothWays("error page that cannot be sent gives way to a plain one", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new Error("in get");
      }
      override writeError() {
        this.setHeader("Content-Length", 1);
        this.write("much more");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, await response.text()], [500, "Internal Server Error"]);
  await expectLog(records, "error", /in get/);
  await expectLog(records, "error", /Content-Length is 1, but 9 bytes/);
});

const SECRET = "password=swordfish";

class SecretHandler extends RequestHandler {
  override get() {
    throw new Error(SECRET, { cause: new TypeError("the cause") });
  }
}

for (const settings of [{ serveTraceback: true }, { debug: true }]) {
  bothWays(`traceback is served with ${JSON.stringify(settings)}`, () => {
    return new Application([["/", SecretHandler]], settings);
  }, async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/");
    assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
    const text = await response.text();
    assertStringIncludes(text, `Error: ${SECRET}`);
    assertStringIncludes(text, "Caused by: TypeError: the cause");
    assertStringIncludes(text, "life_cycle_test.ts");
    await expectLog(records, "error", /swordfish/);
  });
}

for (const settings of [{}, { debug: true, serveTraceback: false }]) {
  bothWays(`nothing of an exception reaches the client with ${JSON.stringify(settings)}`, () => {
    return new Application([["/", SecretHandler]], settings);
  }, async (fetch) => {
    using records = captureLogs();
    const text = await (await fetch("/")).text();
    assert(!text.includes("swordfish") && !text.includes("life_cycle_test"));
    await expectLog(records, "error", /swordfish/);
  });
}

bothWays("error page keeps the default headers", [
  [
    "/",
    class extends RequestHandler {
      override setDefaultHeaders() {
        this.setHeader("X-Frame-Options", "DENY");
      }
      override get() {
        this.clearHeader("X-Frame-Options");
        throw new HTTPError(404);
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/")).headers.get("x-frame-options"), "DENY");
});

// ---- misuse of the response

bothWays("response that is complete cannot be written to", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override get(what: string) {
        this.finish("done");
        if (what === "write") this.write("more");
        if (what === "flush") return this.flush();
        if (what === "finish") this.finish();
        if (what === "status") this.setStatus(404);
        if (what === "header") this.setHeader("X-Late", "1");
        if (what === "clear") this.clear();
        if (what === "error") this.sendError(404);
        if (what === "cookie") this.setCookie("late", "1");
        if (what === "response") return new Response("other");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const messages = {
    write: /Cannot write\(\) after finish\(\)/,
    flush: /Cannot flush\(\) after finish\(\)/,
    finish: /Cannot finish\(\) the response twice/,
    status: /Cannot set status "404": the response has begun/,
    header: /Cannot set header "X-Late": the response has begun/,
    clear: /Cannot clear "the response"/,
    error: /the response has begun/,
    cookie: /Cannot set cookie "late": the response has begun/,
    response: /Cannot return a Response/,
  };
  for (const [what, message] of Object.entries(messages)) {
    assertEquals(await (await fetch(`/${what}`)).text(), "done");
    await expectLog(records, "error", message);
  }
});

bothWays("handler that keeps the response open ends it by finish()", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.keepOpen();
        queueMicrotask(() => {
          assert(!this.finished);
          this.finish("later");
          assert(this.finished);
        });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "later");
});

for (const status of [200, 204]) {
  const app = new Diary([[
    "/",
    class extends RequestHandler<Diary> {
      override async get() {
        this.setStatus(status);
        await this.finish();
        this.application.entries.push("settled");
      }
    },
  ]]);
  bothWays(
    `finish gives a promise that settles, with status ${status}`,
    () => app,
    async (fetch) => {
      app.entries.length = 0;
      assertEquals((await fetch("/")).status, status);
      assert(await poll(() => app.entries.length === 1));
    },
  );
}
