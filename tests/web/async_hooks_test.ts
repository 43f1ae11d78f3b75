/**
 * Every hook that an application can override, overridden as `async` by someone who did not ask whether
 * it may be: the request is answered, the log says what went wrong, and the process lives.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { authenticated } from "../../src/web/decorators.ts";
import { EventStreamHandler } from "../../src/web/event_stream_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { UIModule } from "../../src/web/pages/ui_module.ts";
import { StaticFileHandler } from "../../src/web/static/static_file_handler.ts";
import { MemorySessionStore } from "../../src/web/session/memory_session_store.ts";
import { MemoryRateLimitStore } from "../../src/web/middleware/memory_rate_limit_store.ts";
import { rateLimit } from "../../src/web/middleware/rate_limit.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { captureLogs } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { Unhandled } from "../support/unhandled.ts";

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a slip looks like: an async function where none was expected, which fails in the end. */
function failLater(name: string): () => Promise<never> {
  return async () => {
    await undefined;
    throw new Error(`in ${name}`);
  };
}

/** A class whose hook of that name fails later. */
function overriding<Class extends abstract new (...args: never[]) => object>(
  base: Class,
  hook: string,
): Class {
  // deno-lint-ignore no-explicit-any -- what TypeScript asks of a mixin
  abstract class Overriding extends (base as any) {}
  Object.defineProperty(Overriding.prototype, hook, { value: failLater(hook), configurable: true });
  return Overriding as unknown as Class;
}

/** The names of the methods of a class, its private ones left out. */
function methodsOf(prototype: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === "function" && name !== "constructor")
    .map(([name]) => name);
}

// ---- the handlers that make the hooks run

class Module extends UIModule {
  override render() {
    return "a module";
  }
  override embeddedJavascript(): string | null {
    return "1";
  }
  override javascriptFiles(): string | null {
    return "/a.js";
  }
  override embeddedCss(): string | null {
    return "a{}";
  }
  override cssFiles(): string | null {
    return "/a.css";
  }
  override htmlHead(): string | null {
    return "<meta>";
  }
  override htmlBody(): string | null {
    return "<hr>";
  }
}

const templateLoader = new DictLoader({ "page.html": "<head></head>{% module Module() %}" });

/** Does what the path says. */
class Busy extends RequestHandler {
  override get(what: string): void | Promise<void> {
    if (what === "fail") throw new TypeError("on purpose");
    if (what === "argument") this.getArgument("a");
    if (what === "locale") void this.locale.code;
    if (what === "render") return this.render("page.html");
    if (what === "open") return this.keepOpen();
    this.write("x".repeat(2_000));
  }
  override head(_what: string): void | Promise<void> {}
  override post(_what: string): void | Promise<void> {}
  override delete(_what: string): void | Promise<void> {}
  override patch(_what: string): void | Promise<void> {}
  override put(_what: string): void | Promise<void> {}
  override options(_what: string): void | Promise<void> {}
}

class Streamed extends Busy {
  static override readonly streamRequestBody = true;
}

class Guarded extends Busy {
  @authenticated
  override get(_what: string) {}
}

class Events extends EventStreamHandler {
  override open() {
    this.close();
  }
}

class OtherFiles extends StaticFileHandler {
  override validateAbsolutePath(root: string, path: string) {
    return super.validateAbsolutePath(root, path);
  }
}

interface Scene {
  readonly base?: typeof RequestHandler;
  readonly target?: string;
  readonly init?: RequestInit;
  readonly settings?: ApplicationSettings;
}

const SCENES: Readonly<Record<string, Scene>> = {
  setDefaultHeaders: {},
  initialize: {},
  prepare: {},
  get: {},
  head: { init: { method: "HEAD" } },
  post: { init: { method: "POST" } },
  delete: { init: { method: "DELETE" } },
  patch: { init: { method: "PATCH" } },
  put: { init: { method: "PUT" } },
  options: { init: { method: "OPTIONS" } },
  onFinish: {},
  onConnectionClose: { target: "/open" },
  dataReceived: { base: Streamed, init: { method: "POST", body: "abc" } },
  decodeArgument: { target: "/argument?a=1" },
  writeError: { target: "/fail" },
  logException: { target: "/fail" },
  computeEtag: {},
  getCurrentUser: { base: Guarded },
  getLoginUrl: { base: Guarded },
  getTemplateNamespace: { target: "/render" },
  getTemplatePath: { target: "/render" },
  createTemplateLoader: { target: "/render" },
  renderLinkedJs: { target: "/render" },
  renderEmbedJs: { target: "/render" },
  renderLinkedCss: { target: "/render" },
  renderEmbedCss: { target: "/render" },
  getUserLocale: { target: "/locale" },
  getBrowserLocale: { target: "/locale" },
  checkXsrfCookie: { init: { method: "POST" }, settings: { xsrfCookies: true } },
};

const EVENT_SCENES: Readonly<Record<string, Scene>> = {
  open: { base: Events },
  onClose: { base: Events },
};

const STATIC_SCENES: Readonly<Record<string, Scene>> = Object.fromEntries(
  [
    "parseUrlPath",
    "validateAbsolutePath",
    "getContentSize",
    "getModifiedTime",
    "getContentType",
    "setHeaders",
    "setExtraHeaders",
    "getCacheTime",
    "shouldReturn304",
  ].map((hook) => [hook, { base: OtherFiles, target: "/deno.json" }]),
);

/** What handlers call, and nobody overrides for the library to call it. */
const NO_HOOKS: ReadonlySet<string> = new Set([
  // RequestHandler
  ...["getEnvironment", "waitUntil"],
  ...["addHeader", "clear", "clearAllCookies", "clearCookie", "clearHeader", "finish", "flush"],
  ...["getArgument", "getArguments", "getBodyArgument", "getBodyArguments", "getCookie"],
  ...["getHeader", "getQueryArgument", "getQueryArguments", "getSignedCookie"],
  ...["getSignedCookieBytes", "getSignedCookieKeyVersion", "getStatus", "keepOpen", "redirect"],
  ...["render", "renderStream", "renderString", "requireSetting", "reverseUrl", "sendError"],
  ...["setCookie", "setHeader", "setSignedCookie", "setStatus", "staticUrl", "validate", "write"],
  ...["xsrfFormHtml"],
  // EventStreamHandler
  ...["close", "send", "subscribe", "unsubscribe"],
  // Application
  ...["addHandlers", "dispatcher", "findHandler", "findUrl", "listen", "publish", "reverseUrl"],
  ...["onStart", "onShutdown", "presence", "subscribers"],
]);

const files = new URL("../..", import.meta.url).pathname;

for (const [hook, scene] of Object.entries({ ...SCENES, ...EVENT_SCENES, ...STATIC_SCENES })) {
  Deno.test(`async override of ${hook}() that fails is logged and ends nothing`, async () => {
    using records = captureLogs();
    using unhandled = new Unhandled();
    const handler = overriding(scene.base ?? Busy, hook);
    const app = new Application([["/(.*)", handler, { path: files }]], {
      templateLoader,
      uiModules: { Module },
      loginUrl: "/login",
      ...scene.settings,
    });
    const leaving = new AbortController();
    const url = `http://localhost${scene.target ?? "/plain"}`;
    const answering = app.fetch(new Request(url, { ...scene.init, signal: leaving.signal }));
    leaving.abort();
    const response = await answering;
    await response.body?.cancel();
    const named = () =>
      records.all.filter(({ message }) =>
        message.includes(`in ${hook}`) || message.includes(`${hook}()`)
      );
    assert(await poll(() => named().length > 0), `The log does not name ${hook}()`);
    await turns(2);
    assertEquals(unhandled.reasons, []);
    await takeAll(records);
  });
}

for (const base of [RequestHandler, EventStreamHandler, StaticFileHandler]) {
  Deno.test(`every method of ${base.name} is a hook with a scene here, or none`, () => {
    const known = { ...SCENES, ...EVENT_SCENES, ...STATIC_SCENES };
    const unknown = methodsOf(base.prototype)
      .filter((name) => !(name in known) && !NO_HOOKS.has(name));
    assertEquals(unknown, []);
  });
}

/** Takes what is expected out of what would fail the test. */
async function takeAll(records: ReturnType<typeof captureLogs>): Promise<void> {
  for (const record of records.all) {
    await records.expect((each) => each === record, { description: record.message });
  }
}

// ---- UI modules

const MODULE_HOOKS = methodsOf(UIModule.prototype).filter((name) => name !== "renderString");

for (const hook of [...MODULE_HOOKS, "render"]) {
  Deno.test(`async override of UIModule.${hook}() that fails is a 500 that names it`, async () => {
    using records = captureLogs();
    using unhandled = new Unhandled();
    const app = new Application([["/(.*)", Busy]], {
      templateLoader,
      uiModules: { Module: overriding(Module, hook) },
    });
    const response = await app.fetch(new Request("http://localhost/render"));
    assertEquals(response.status, 500);
    await turns(2);
    assertEquals(unhandled.reasons, []);
    assertMatch(records.messages("gustnado.application").join(), new RegExp(hook));
    await takeAll(records);
  });
}

// ---- the application

const APPLICATION_HOOKS = methodsOf(Application.prototype)
  .filter((name) => !NO_HOOKS.has(name) && name !== "staticUrl");

Deno.test("the hooks of an application are known", () => {
  assertEquals(APPLICATION_HOOKS.toSorted(), ["logException", "logRequest"]);
});

for (const hook of APPLICATION_HOOKS) {
  Deno.test(`async override of Application.${hook}() that fails is logged`, async () => {
    using records = captureLogs();
    using unhandled = new Unhandled();
    const Own = overriding(Application, hook);
    const app = new Own([["/(.*)", Busy]]);
    assertEquals((await app.fetch(new Request("http://localhost/fail"))).status, 500);
    await turns(2);
    assertEquals(unhandled.reasons, []);
    assertMatch(records.messages("gustnado.application").join(), new RegExp(`in ${hook}`));
    assertMatch(records.messages("gustnado.application").join(), /on purpose/);
    await takeAll(records);
  });
}

Deno.test("hooks that pass on nothing of their parents' promises lose no rejection", async () => {
  using records = captureLogs();
  using unhandled = new Unhandled();
  class Own extends Application {
    override logRequest(handler: RequestHandler) {
      super.logRequest(handler);
    }
    override async logException() {
      await undefined;
      throw new Error("in logException");
    }
  }
  class Handler extends RequestHandler {
    override get() {
      throw new Error("in get");
    }
    override logException(error: unknown) {
      super.logException(error);
    }
  }
  const app = new Own([["/", Handler]], { logFunction: failLater("logFunction") });
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
  await turns(2);
  assertEquals(unhandled.reasons, []);
  const logged = records.messages("gustnado.application").join();
  for (const text of ["in logException", "in get", "in logFunction"]) assert(logged.includes(text));
  await takeAll(records);
});

// ---- what settings and routes call

/** What a function may do instead of what it should. */
const SLIPS: Readonly<Record<string, () => unknown>> = {
  "throws at once": () => {
    throw new Error("slip");
  },
  "fails later": failLater("slip"),
  "gives a thenable that fails": () => ({
    then: (_: unknown, reject: (error: unknown) => void) => reject(new Error("slip")),
  }),
  "gives nothing": () => undefined,
};

for (const [slip, act] of Object.entries(SLIPS)) {
  Deno.test(`middleware that ${slip} is a 500`, async () => {
    using records = captureLogs();
    using unhandled = new Unhandled();
    const app = new Application([["/(.*)", Busy]], { middleware: [act as () => Response] });
    const response = await app.fetch(new Request("http://localhost/"));
    assertEquals(response.status, 500);
    await turns(2);
    assertEquals(unhandled.reasons, []);
    await takeAll(records);
  });

  for (const method of ["load", "replace", "delete"]) {
    Deno.test(`session store whose ${method}() ${slip} ends nothing`, async () => {
      using records = captureLogs();
      using unhandled = new Unhandled();
      const store = new MemorySessionStore();
      class Visit extends SessionMixin(RequestHandler) {
        override get() {
          this.session.set("n", Number(this.session.get("n") ?? 0) + 1);
        }
        override post() {
          this.session.destroy();
        }
      }
      const app = new Application([["/", Visit]], { session: { store } });
      const first = await app.fetch(new Request("http://localhost/"));
      const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      Object.defineProperty(store, method, { value: act });
      for (const verb of ["GET", "POST"]) {
        const request = new Request("http://localhost/", { method: verb, headers: { cookie } });
        const { status } = await app.fetch(request);
        assert(status === 200 || status === 500, `${verb} is answered with ${status}`);
      }
      await turns(2);
      assertEquals(unhandled.reasons, []);
      await takeAll(records);
    });
  }

  Deno.test(`rate limit whose store ${slip} ends nothing`, async () => {
    using records = captureLogs();
    using unhandled = new Unhandled();
    const store = new MemoryRateLimitStore();
    for (const method of methodsOf(MemoryRateLimitStore.prototype)) {
      Object.defineProperty(store, method, { value: act });
    }
    const app = new Application([["/(.*)", Busy]], {
      middleware: [rateLimit({ limit: 1, windowMs: 1_000, store })],
    });
    const response = await app.fetch(new Request("http://localhost/"));
    assert([200, 500, 503].includes(response.status), String(response.status));
    await turns(2);
    assertEquals(unhandled.reasons, []);
    await takeAll(records);
  });
}

Deno.test("middleware may give a thenable of its response", async () => {
  const app = new Application([["/(.*)", Busy]], {
    middleware: [
      (_request, next) => ({ then: (...args) => Promise.resolve(next()).then(...args) }),
    ],
  });
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 200);
});
