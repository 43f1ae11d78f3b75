import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { MemorySessionStore } from "../../src/web/session/memory_session_store.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { bothWays, serve } from "../support/serve.ts";

// ---- initialize

bothWays("what an async initialize sets is there in every later hook", [
  [
    "/",
    class extends RequestHandler {
      #tenant = "";
      override async initialize({ tenant }: { tenant: string }) {
        await undefined;
        this.#tenant = tenant;
      }
      override getCurrentUser() {
        return this.#tenant === "" ? null : `user of ${this.#tenant}`;
      }
      override prepare() {
        this.setHeader("X-Prepared", this.#tenant);
      }
      override get() {
        this.write(`${this.currentUser}`);
      }
    },
    { tenant: "oz" },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals([response.headers.get("x-prepared"), await response.text()], ["oz", "user of oz"]);
});

bothWays("async initialize that fails is answered with its status, and nothing else runs", [
  [
    "/",
    class extends RequestHandler {
      override async initialize() {
        await undefined;
        throw new HTTPError(404);
      }
      override prepare() {
        throw new Error("prepare ran");
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/")).status, 404);
});

// ---- setDefaultHeaders

class DefaultsHandler extends RequestHandler {
  #calls = 0;
  override async setDefaultHeaders() {
    if (++this.#calls > 1) throw new Error("called again");
    await undefined;
    this.setHeader("Server", "wind");
    this.setHeader("Content-Type", "text/plain");
  }
  override initialize() {
    this.setHeader("X-Seen", this.getHeader("server") ?? "nothing");
  }
  override get(what: string) {
    if (what === "fail") throw new HTTPError(418);
    this.setHeader("Server", "other");
    if (what === "clear") this.clear();
    this.write("ok");
  }
}

bothWays("async setDefaultHeaders is waited for before anything else", [
  ["/(.*)", DefaultsHandler],
], async (fetch) => {
  const { headers } = await fetch("/");
  assertEquals([headers.get("x-seen"), headers.get("server")], ["wind", "other"]);
});

bothWays("clear and error pages bring back what an async setDefaultHeaders set", [
  ["/(.*)", DefaultsHandler],
], async (fetch) => {
  using _records = captureLogs();
  const cleared = await fetch("/clear");
  assertEquals([cleared.headers.get("server"), cleared.headers.get("x-seen")], ["wind", null]);
  assertEquals(cleared.headers.get("content-type"), "text/plain");
  const failed = await fetch("/fail");
  assertEquals([failed.status, failed.headers.get("server")], [418, "wind"]);
});

bothWays("async setDefaultHeaders that fails is a 500 without them", [
  [
    "/",
    class extends RequestHandler {
      override async setDefaultHeaders() {
        this.setHeader("X-Half", "1");
        await undefined;
        throw new Error("in setDefaultHeaders");
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, response.headers.get("x-half")], [500, null]);
  await expectLog(records, "error", /in setDefaultHeaders/);
  assertEquals(records.messages("gustnado.application").length, 1);
});

Deno.test("setDefaultHeaders that only later gives a promise loses no rejection", async () => {
  using records = captureLogs();
  class Handler extends RequestHandler {
    #calls = 0;
    override setDefaultHeaders() {
      if (this.#calls++ > 0) return Promise.reject(new Error("the second time"));
    }
    override get() {
      this.clear();
      this.write("ok");
    }
  }
  const app = new Application([["/", Handler]]);
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 200);
  await expectLog(records, "error", /the second time/);
});

// ---- writeError

class PagesHandler extends RequestHandler<Application & { ran?: string[] }> {
  override prepare() {
    if (this.request.query === "prepare") this.sendError(403);
  }
  override async get(what: string) {
    if (what === "send") {
      this.sendError(404);
      return;
    }
    if (what === "send-and-throw") {
      this.sendError(404);
      throw new Error("after sendError");
    }
    if (what === "twice") {
      this.sendError(404);
      this.sendError(405);
    }
    await undefined;
    throw new HTTPError(418, { headers: { "Retry-After": "9" } });
  }
  override async writeError(status: number) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.setHeader("X-Page", "own");
    this.write(`page of ${status}`);
    if (this.request.query === "finish") this.finish("!");
    if (this.request.query === "reject") throw new Error("in writeError");
  }
}

/** An error page of its own that waits, after a page that the handler had begun. */
class Hasty extends RequestHandler {
  override get() {
    const { promise: name, resolve } = Promise.withResolvers<string>();
    this.render("page.html", { name });
    this.#release = () => resolve("page");
    throw new HTTPError(409);
  }
  #release = () => {};
  override async writeError(status: number) {
    this.#release();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    await this.render("error.html", { name: Promise.resolve(`error ${status}`) });
  }
}

Deno.test("a page that comes after the error does not go out in place of the error page", async () => {
  const templateLoader = new DictLoader({
    "page.html": "{{ await name }}",
    "error.html": "{{ await name }}",
  });
  const app = new Application([["/", Hasty]], { templateLoader });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals([response.status, await response.text()], [409, "error 409"]);
});

const PAGES: readonly [target: string, status: number, text: string, log?: RegExp][] = [
  ["/", 418, "page of 418"],
  ["/?finish", 418, "page of 418!"],
  ["/?prepare", 403, "page of 403"],
  ["/send", 404, "page of 404"],
  ["/send-and-throw", 404, "page of 404", /after sendError/],
  ["/twice", 404, "page of 404", /Cannot sendError\(\): an error page is being written/],
  ["/?reject", 500, "Internal Server Error", /in writeError/],
];

for (const [target, status, text, log] of PAGES) {
  bothWays(`async writeError makes the error page of ${target}`, [
    ["/(.*)", PagesHandler],
  ], async (fetch) => {
    using records = captureLogs();
    const response = await fetch(target);
    assertEquals([response.status, await response.text()], [status, text]);
    if (log !== undefined) await expectLog(records, "error", log);
  });
}

bothWays("async writeError also serves errors that are thrown in the same turn", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(409);
      }
      override async writeError() {
        await undefined;
        this.write("later");
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals([response.status, await response.text()], [409, "later"]);
});

Deno.test("async writeError whose page cannot be sent gives way to a plain one", async () => {
  using records = captureLogs();
  class Handler extends RequestHandler {
    override get() {
      throw new HTTPError(409);
    }
    override async writeError() {
      await undefined;
      this.setHeader("Content-Length", 1);
      this.write("much more");
    }
  }
  const response = await new Application([["/", Handler]]).fetch(new Request("http://localhost/"));
  assertEquals([response.status, await response.text()], [500, "Internal Server Error"]);
  await expectLog(records, "error", /Content-Length is 1/);
});

bothWays("async error page whose session cannot be kept gives way to another", () => {
  const store = new MemorySessionStore();
  store.replace = () => Promise.reject(new Error("store is down"));
  class Handler extends SessionMixin(RequestHandler) {
    override get() {
      this.session.set("seen", true);
      throw new HTTPError(409);
    }
    override async writeError(status: number) {
      await undefined;
      this.write(`page of ${status}`);
    }
  }
  return new Application([["/", Handler]], { session: { store } });
}, async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/");
  assertEquals([response.status, await response.text()], [500, "page of 500"]);
  await expectLog(records, "error", /store is down/);
});

bothWays("error page has the reason that sendError is given", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.sendError(418, { reason: "Short <and> stout" });
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals(response.status, 418);
  assertStringIncludes(await response.text(), "418: Short &#60;and&#62; stout");
});

// ---- onFinish

Deno.test("response does not wait for an async onFinish, but a shutdown does", async () => {
  const finishing = Promise.withResolvers<void>();
  const events: string[] = [];
  class Handler extends RequestHandler {
    override get() {
      this.write("ok");
    }
    override async onFinish() {
      await finishing.promise;
      events.push(`finished ${this.request.header("x-name")}`);
    }
  }
  await using server = serve(new Application([["/", Handler]]), { graceMs: 10_000 });
  const response = await fetch(server.origin, { headers: { "X-Name": "dorothy" } });
  assertEquals(await response.text(), "ok");
  const stopped = server.server.shutdown().then(() => events.push("stopped"));
  const { promise: turn, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 50);
  await turn;
  assertEquals(events, []);
  finishing.resolve();
  await stopped;
  assertEquals(events, ["finished dorothy", "stopped"]);
});

Deno.test("shutdown does not wait for an onFinish beyond its grace", async () => {
  using records = captureLogs();
  const finishing = Promise.withResolvers<void>();
  class Handler extends RequestHandler {
    override get() {
      this.write("ok");
    }
    override onFinish() {
      return finishing.promise;
    }
  }
  await using server = serve(new Application([["/", Handler]]));
  await (await fetch(server.origin)).text();
  await server.server.shutdown({ graceMs: 1 });
  await expectLog(records, "warning", /grace period/);
  finishing.resolve();
});

// ---- checkXsrfCookie

bothWays("async checkXsrfCookie is waited for before prepare", () =>
  new Application([[
    "/(.*)",
    class extends RequestHandler {
      override async checkXsrfCookie() {
        await undefined;
        if (this.request.path === "/refused") throw new HTTPError(403);
      }
      override prepare() {
        this.setHeader("X-Prepared", "1");
      }
      override post() {
        this.write("ok");
      }
    },
  ]], { xsrfCookies: true }), async (fetch) => {
  const refused = await fetch("/refused", { method: "POST" });
  assertEquals([refused.status, refused.headers.get("x-prepared")], [403, null]);
  assertEquals((await fetch("/", { method: "POST" })).status, 200);
});

// ---- names that find each other out

class Circles extends RequestHandler {
  override getCurrentUser(): unknown {
    if (this.request.path === "/token") return this.xsrfToken.length > 0 ? null : "nobody";
    if (this.request.path === "/user") return this.currentUser;
    if (this.request.path === "/locale") return this.locale.code;
    return "maria";
  }
  override getUserLocale() {
    if (this.request.path === "/own") return this.locale;
    return this.currentUser ? "en_US" : null;
  }
  override get() {
    if (this.request.path === "/own") this.write(this.locale.code);
    else this.write(`${this.currentUser} ${this.locale.code}`);
  }
}

class AsyncCircles extends RequestHandler {
  override async getCurrentUser(): Promise<unknown> {
    await undefined;
    if (this.request.path === "/async/token") return this.xsrfToken.length > 0 ? "maria" : null;
    return this.currentUser;
  }
  override get() {
    this.write(`${this.currentUser}`);
  }
}

const CIRCLES: readonly [path: string, status: number, log?: RegExp][] = [
  ["/", 200],
  ["/token", 200],
  ["/async/token", 200],
  ["/user", 500, /Cannot use this\.currentUser while getCurrentUser\(\) runs/],
  ["/async/user", 500, /Cannot use this\.currentUser while getCurrentUser\(\) runs/],
  ["/locale", 500, /Cannot use this\.currentUser while getCurrentUser\(\) runs/],
  ["/own", 500, /Cannot use this\.locale while getUserLocale\(\)/],
];

for (const [path, status, log] of CIRCLES) {
  bothWays(`what a hook asks for while it is being found out overflows no stack: ${path}`, [
    ["/async/(.*)", AsyncCircles],
    ["/(.*)", Circles],
  ], async (fetch) => {
    using records = captureLogs();
    const response = await fetch(path);
    assertEquals(response.status, status);
    if (log !== undefined) await expectLog(records, "error", log);
    if (path.endsWith("token")) {
      const [cookie = ""] = response.headers.getSetCookie();
      assert(cookie.startsWith("_xsrf=") && !cookie.includes("Expires"), cookie);
    }
  });
}

// ---- JSON that is none

for (
  const [name, value, reason] of [
    ["a BigInt", { count: 1n }, /an object with the keys "count" as JSON: .*BigInt; write it as/],
    ["a circle", circle(), /an object with the keys "name", "self" as JSON: Converting circular/],
  ] as const
) {
  bothWays(`error of an object with ${name} says which, and leads to the handler`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.writeJsonHere();
        }
        writeJsonHere() {
          this.write(value);
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    const { message } = await expectLog(records, "error", reason);
    assertStringIncludes(message, "writeJsonHere");
  });
}

function circle(): object {
  const object: Record<string, unknown> = { name: "secret" };
  object["self"] = object;
  return object;
}

Deno.test("fast path: hooks that are not async are answered in the same turn", async () => {
  class Handler extends RequestHandler {
    override setDefaultHeaders() {}
    override initialize() {}
    override prepare() {}
    override get() {
      throw new HTTPError(418);
    }
    override writeError(status: number) {
      this.finish(`${status}`);
    }
    override onFinish() {}
    override onConnectionClose() {}
  }
  const response = new Application([["/", Handler]]).fetch(new Request("http://localhost/"));
  assert(response instanceof Response);
  assertEquals(await response.text(), "418");
  assert(await poll(() => true));
});
