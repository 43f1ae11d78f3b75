/**
 * What settings, routes, options and static members call, written as `async` or giving something else
 * by mistake: the request is answered, the log names it, and the process lives.
 */
import { assert, assertEquals } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { basicAuth } from "../../src/web/middleware/basic_auth.ts";
import { cors } from "../../src/web/middleware/cors.ts";
import type { Middleware } from "../../src/web/middleware/middleware.ts";
import { rateLimit } from "../../src/web/middleware/rate_limit.ts";
import { MemoryRateLimitStore } from "../../src/web/middleware/memory_rate_limit_store.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { Route } from "../../src/web/routing/routing.ts";
import { MemorySessionStore } from "../../src/web/session/memory_session_store.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { StaticFileHandler } from "../../src/web/static/static_file_handler.ts";
import { captureLogs } from "../support/log_records.ts";
import { Unhandled } from "../support/unhandled.ts";

/** What is called may do instead of what it should; each but the last two is a slip that shows. */
const SLIPS: Readonly<Record<string, () => unknown>> = {
  "throws at once": () => {
    throw new Error("slip");
  },
  "fails later": async () => {
    await undefined;
    throw new Error("slip");
  },
  "gives a promise": () => Promise.resolve("later"),
  "gives a thenable that fails": () => ({
    then: (_: unknown, reject: (error: unknown) => void) => reject(new Error("slip")),
  }),
  "gives a thenable that throws": () => ({
    then: () => {
      throw new Error("slip");
    },
  }),
  "gives an object whose getters throw": () => new Proxy({}, { get: throwing, has: throwing }),
  "gives nothing": () => undefined,
  "gives null": () => null,
  "gives true": () => true,
};

function throwing(): never {
  throw new Error("slip");
}

class Page extends RequestHandler {
  override get(what = "") {
    if (what === "url") this.write(this.staticUrl("mod.ts"));
    else if (what === "render") return this.render("page.html");
    else this.write("ok");
  }
}

class Visit extends SessionMixin(RequestHandler) {
  override get() {
    this.session.set("n", 1);
  }
}

const files = new URL("../..", import.meta.url).pathname;

interface Scene {
  readonly routes: (slip: () => never) => Route[];
  readonly settings?: (slip: () => never) => ApplicationSettings;
  readonly target?: string;
  readonly headers?: Record<string, string>;
}

function middleware(of: (slip: () => never) => Middleware): Scene {
  return { routes: () => [["/(.*)", Page]], settings: (slip) => ({ middleware: [of(slip)] }) };
}

/** A class of static files whose static member does what it should not. */
function staticFiles(member: string, slip: () => never): typeof StaticFileHandler {
  class Own extends StaticFileHandler {}
  Object.defineProperty(Own, member, { value: slip });
  return Own;
}

const statics: Readonly<Record<string, Scene>> = Object.fromEntries(
  staticMembers().flatMap((member) => [
    [`StaticFileHandler.${member}() of a file`, {
      routes: (slip: () => never): Route[] => [
        ["/(.*)", staticFiles(member, slip), { path: files }],
      ],
      target: "/mod.ts",
    }],
    [`StaticFileHandler.${member}() of a URL`, {
      routes: (): Route[] => [["/(.*)", Page]],
      settings: (slip: () => never) => ({
        staticPath: files,
        staticHandlerClass: staticFiles(member, slip),
      }),
      target: "/url",
    }],
  ]),
);

/** But for `checkRouteTo`: nobody overrides what is private. */
function staticMembers(): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(StaticFileHandler))
    .filter(([name, { value }]) =>
      typeof value === "function" && !/^(?:reset|checkRouteTo)$/.test(name)
    )
    .map(([name]) => name);
}

const templateLoader = new DictLoader({
  "page.html": "{{ 'a' }}{{ twice('b') }}{% module Own() %}",
});

const SCENES: Readonly<Record<string, Scene>> = {
  "Matcher.match()": { routes: (match) => [[{ match }, Page], ["/(.*)", Page]] },
  "Matcher.match() above a list": { routes: (match) => [[{ match }, [["/(.*)", Page]]]] },
  "Router.findHandler()": { routes: (findHandler) => [["/(.*)", { findHandler }]] },
  "Application.findHandler()": {
    routes: (slip) => {
      class Inner extends Application {}
      Object.defineProperty(Inner.prototype, "findHandler", { value: slip });
      return [["/(.*)", new Inner([["/(.*)", Page]])]];
    },
  },
  "a fetch function": { routes: (slip) => [["/(.*)", slip]] },
  "an object with fetch()": { routes: (fetch) => [["/(.*)", { fetch }]] },
  "the key of rateLimit()": middleware((key) => rateLimit({ limit: 9, key })),
  "the store of rateLimit()": middleware((take) => {
    const store = new MemoryRateLimitStore();
    Object.defineProperty(store, "take", { value: take });
    return rateLimit({ limit: 9, store });
  }),
  "verify of basicAuth()": {
    ...middleware((verify) => basicAuth({ verify })),
    headers: { authorization: `Basic ${btoa("a:b")}` },
  },
  "the origin of cors()": {
    ...middleware((origin) => cors({ origin })),
    headers: { origin: "https://example.com" },
  },
  "a UI method": {
    routes: () => [["/(.*)", Page]],
    settings: (twice) => ({ templateLoader, uiMethods: { twice }, uiModules: {} }),
    target: "/render",
  },
  "the setting autoescape": {
    routes: () => [["/(.*)", Page]],
    settings: (autoescape) => ({
      templateLoader: new DictLoader({ "page.html": "{{ 'a' }}" }, { autoescape }),
    }),
    target: "/render",
  },
  "the setting logFunction": {
    routes: () => [["/(.*)", Page]],
    settings: (logFunction) => ({ logFunction }),
  },
  ...Object.fromEntries(
    ["load", "replace", "delete"].map((method) => [`session store's ${method}()`, {
      routes: () => [["/(.*)", Visit]],
      settings: (slip: () => never) => {
        const store = new MemorySessionStore();
        Object.defineProperty(store, method, { value: slip });
        return { session: { store } };
      },
    }]),
  ),
  ...statics,
};

for (const [name, scene] of Object.entries(SCENES)) {
  for (const [slip, act] of Object.entries(SLIPS)) {
    Deno.test(`${name} that ${slip} ends nothing`, async () => {
      using records = captureLogs();
      using unhandled = new Unhandled();
      const app = new Application(
        scene.routes(act as () => never),
        scene.settings?.(act as () => never) ?? {},
      );
      const url = `http://localhost${scene.target ?? "/plain"}`;
      const response = await app.fetch(new Request(url, { headers: scene.headers ?? {} }));
      await response.body?.cancel();
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
      assertEquals(unhandled.reasons, []);
      const logged = records.all.map(({ message }) => message).join("\n");
      const reported = records.all.some(({ level }) => level === "error" || level === "warning");
      assert(response.status !== 500 || reported, "A 500 that nothing in the log explains");
      assert(!/reading '|is not a function|Symbol\(/.test(logged), `Says too little: ${logged}`);
      for (const record of records.all) {
        await records.expect((each) => each === record, { description: record.message });
      }
    });
  }
}
