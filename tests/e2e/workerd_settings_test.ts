/** Settings in what wrangler makes of the package: a part brings them along, and without it they say so. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { Application } from "../../mod.ts";
import { BuiltPackage } from "../support/built_package.ts";
import { poll } from "../support/poll.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { dependenciesOutside, unusedPackages, wranglerBundle } from "../support/wrangler_bundle.ts";

/** An application without any part, and what it answers about settings. */
const BARE = `
import { Application, RequestHandler } from "${config.name}";

class Client extends RequestHandler {
  get() {
    const { remoteIp, protocol } = this.request;
    this.write({ remoteIp, protocol });
  }
}
class Text extends RequestHandler {
  get() { this.write("gust ".repeat(1_000)); }
}
const KEYS = { key: "gust", secret: "wind" };
const inner = new Application([["/client", Client], ["/text", Text]], {
  xheaders: true,
  trustedDownstream: ["no address"],
  compressResponse: true,
});
const fetched = async (path, headers) => {
  const response = await inner.fetch(new Request("http://localhost" + path, { headers }));
  return [response.status, response.headers.get("content-encoding"), await response.text()];
};
const ask = async (headers) => JSON.parse((await fetched("/client", headers))[2]);

const ATTEMPTS = {
  mistyped: () => new Application([], { sesion: {} }),
  own: () => new Application([], { gust: 1 }),
  python: () => new Application([], { websocket_ping_interval: 1 }),
  idle: () => Object.keys(new Application([], { websocketOnSlow: 5, graceMs: 1 }).settings),
  secrets: () => Object.keys(
    new Application([], {
      openidConnect: KEYS,
      googleOauth: KEYS,
      githubOauth: KEYS,
      facebookApiKey: "gust",
      facebookSecret: "wind",
      cookieSecret: "32 random bytes, or so they said",
    }).settings,
  ),
  publish: async () => [await inner.publish("news", "a gust"), inner.subscribers("news")],
  number: () => inner.publish("news", 5),
  presence: () => inner.presence("news"),
  broker: () => [inner.broker.name, inner.broker.status.state],
  staticUrl: () => inner.staticUrl("wind.css"),
  plainUrl: () => inner.staticUrl("wind.css", { includeVersion: false }),
  staticPath: () =>
    new Application([], { staticPath: "static", staticHandlerClass: class extends RequestHandler {
      static makeStaticUrl() { return ""; }
    } }),
  proxied: () => ask({ "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6", "x-scheme": "https" }),
  platform: () => ask({ "cf-connecting-ip": "2001:db8::1", "x-forwarded-for": "6.6.6.6" }),
  junk: () => ask({ "cf-connecting-ip": "<b>gust</b>" }),
  compressed: async () => (await fetched("/text", { "accept-encoding": "gzip" }))[1],
  hosts: () => Promise.all(
    ["[::1]:80", "[::ffff:1.2.3.4]", "[::1", "[gust]", "[::1]x", "a b"].map(async (host) =>
      (await fetched("/client", { host }))[0]
    ),
  ),
};
class Attempt extends RequestHandler {
  async get(name) {
    try {
      this.write({ value: await ATTEMPTS[name]() ?? null });
    } catch (error) {
      this.write({ error: error.name + ": " + error.message });
    }
  }
}
export default new Application([["/:name", Attempt]]);
`;

/** What it answers. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  mistyped: {
    error: 'TypeError: Unknown setting "sesion": what is your own goes into the setting "own"',
  },
  own: {
    error: 'TypeError: Unknown setting "gust": what is your own goes into the setting "own"',
  },
  python: {
    error: 'TypeError: Unknown setting "websocket_ping_interval": what is your own goes into the ' +
      'setting "own"',
  },
  idle: { value: ["websocketOnSlow", "graceMs"] },
  secrets: { value: ["facebookApiKey"] },
  publish: { value: [null, 0] },
  number: {
    error: "TypeError: Cannot write a number: expected a string, a Uint8Array, a plain object or " +
      "an array; write String(value)",
  },
  presence: {
    error: 'TypeError: Cannot look who is in a topic: the setting "topics" declares none',
  },
  broker: { value: ["memory", "idle"] },
  proxied: { value: { remoteIp: "0.0.0.0", protocol: "http" } },
  platform: { value: { remoteIp: "2001:db8::1", protocol: "http" } },
  junk: { value: { remoteIp: "0.0.0.0", protocol: "http" } },
  compressed: { value: null },
  hosts: { value: [200, 200, 400, 400, 400, 400] },
};

/** What only a part says, or a server. */
const OF_PARTS: readonly string[] = [
  "the name of a cookie",
  "an interval of 0 pings nobody",
  "{ issuer, key, secret? }",
  "Cannot declare the topic",
  'a path that begins and ends with "/"',
  "a function, the name of one, or null",
];
const OF_SERVERS: readonly string[] = [
  "a CIDR range",
  "x-forwarded-proto",
  "Z_SYNC_FLUSH",
  "Cannot listen on port",
  "within the grace period",
  "can be guessed",
];

serviceTest("workerd", "a bundle without parts has nothing of their settings", async (t) => {
  await using built = await BuiltPackage.make();
  const text = await wranglerBundle(BARE, await built.linked("worker"), {
    plugins: [dependenciesOutside],
  });
  await stop();
  await using worker = await startWorkerd({ "worker.js": text });
  const ask = async (name: string) =>
    await (await fetch(`http://127.0.0.1:${worker.port}/${name}`)).json();

  await t.step("it does not hold what only parts and servers need", () => {
    const held = [...OF_PARTS, ...OF_SERVERS].filter((each) => text.includes(each));
    assertEquals(held, []);
  });

  for (const [name, answer] of Object.entries(ANSWERS)) {
    await t.step(name, async () => assertEquals(await ask(name), answer));
  }

  for (const name of ["staticUrl", "plainUrl", "staticPath"]) {
    await t.step(`${name} tells what to use in its place`, async () => {
      assertMatch(
        (await ask(name)).error,
        /^UnsupportedFeatureError: .+ without a "staticHandlerClass" .+ AssetHandler .+build/,
      );
    });
  }

  await t.step("what proxies say is ignored with a warning", async () => {
    assert(await poll(() => /The setting "xheaders" does nothing .+build/.test(worker.output)));
  });
});

/** An application with every part. */
const WHOLE = `
import {
  Application, GoogleOAuth2Mixin, MemoryBroker, PrecompiledLoader, RequestHandler, SessionMixin,
  StaticFileHandler, WebSocketHandler,
} from "${config.name}";

class Counter extends SessionMixin(RequestHandler) {
  get() {
    const count = (this.session.get("count") ?? 0) + 1;
    this.session.set("count", count);
    this.write(String(count));
  }
}
class Echo extends WebSocketHandler {
  onMessage(message) { this.writeMessage(message); }
}
class Login extends GoogleOAuth2Mixin(RequestHandler) {}
class Kept extends StaticFileHandler {
  static getVersion() { return "1"; }
  get(path) { this.write("the file " + path); }
}
class Url extends RequestHandler {
  get() { this.write(this.staticUrl("wind.css")); }
}
class Check extends RequestHandler {
  async post() {
    try {
      new Application([], await this.request.json());
      this.write("made");
    } catch (error) {
      this.write(error.name + ": " + error.message);
    }
  }
}
const loader = new PrecompiledLoader({});
const broker = new MemoryBroker();
export default new Application([
  ["/counter", Counter], ["/echo", Echo], ["/login", Login], ["/url", Url], ["/check", Check],
], {
  cookieSecret: "32 random bytes, or so they said",
  templateLoader: loader,
  broker,
  staticPath: "anywhere",
  staticHandlerClass: Kept,
});
`;

const noPackages = unusedPackages(/^(?:oauth4webapi|@logtape\/logtape)$/);

/** Settings that no application can be made with. */
const BAD_SETTINGS: readonly object[] = [
  { session: 5 },
  { session: { idle: 5 } },
  { session: { cookieName: "a b" } },
  { session: { cookieOptions: { httpOnly: false } } },
  { websocketOnSlow: "never" },
  { websocketPingInterval: -1 },
  { googleOauth: {} },
  { openidConnect: { key: "gust" } },
  { facebookApiKey: 5 },
  { topics: 5 },
  { topics: { "news*today": {} } },
  { topics: { news: { histori: 1 } } },
  { broker: {} },
  { staticUrlPrefix: "static" },
  { staticHandlerClass: 5 },
  { staticCacheSize: -1 },
  { templateLoader: 5 },
  { autoescape: 5 },
  { templateWhitespace: "none" },
];

/** Workers tell what there is, and do not guess what was meant. */
function withoutGuess(message: string): string {
  return message.replace(/^(TypeError: Unknown .+?"): .+$/, "$1");
}

serviceTest("workerd", "parts bring their settings into a bundle", async (t) => {
  await using built = await BuiltPackage.make();
  const text = await wranglerBundle(WHOLE, await built.linked("worker"), {
    plugins: [
      noPackages,
      dependenciesOutside,
    ],
  });
  await stop();
  await using worker = await startWorkerd({ "worker.js": text });
  const origin = `http://127.0.0.1:${worker.port}`;
  const textOf = async (path: string, init?: RequestInit) =>
    await (await fetch(`${origin}${path}`, init)).text();

  await t.step("it holds what parts need, and nothing of what servers do", () => {
    assertEquals(OF_PARTS.filter((each) => !text.includes(each)), []);
    assertEquals(OF_SERVERS.filter((each) => text.includes(each)), []);
  });

  for (const settings of BAD_SETTINGS) {
    const body = JSON.stringify(settings);
    await t.step(`${body} is the error that it is elsewhere`, async () => {
      const { name, message } = assertThrows(() => new Application([], settings), TypeError);
      const said = await textOf("/check", { method: "POST", body });
      assertEquals(withoutGuess(said), withoutGuess(`${name}: ${message}`));
    });
  }

  await t.step("a handler class brings the routes of static files along", async () => {
    assertEquals(await textOf("/static/wind.css"), "the file wind.css");
    assertEquals(await textOf("/robots.txt"), "the file robots.txt");
    assertEquals(await textOf("/url"), "/static/wind.css?v=1");
  });

  await t.step("sessions and WebSockets work", async () => {
    const first = await fetch(`${origin}/counter`);
    assertEquals(await first.text(), "1");
    const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    assertEquals(await textOf("/counter", { headers: { cookie } }), "2");
    const socket = new WebSocket(`${origin.replace("http", "ws")}/echo`);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    socket.onopen = () => socket.send("a gust");
    socket.onmessage = ({ data }) => resolve(data);
    assertEquals(await promise, "a gust");
    const closed = Promise.withResolvers<void>();
    socket.onclose = () => closed.resolve();
    socket.close();
    await closed.promise;
  });
});

/** A worker that tests an application. */
const TESTS = `
import { Application, RequestHandler, WebSocketHandler } from "${config.name}";
import { testServer } from "${config.name}/testing";

const seen = [];
const later = (word) =>
  new Promise((resolve) => setTimeout(() => resolve(seen.push(word)), 20));
class Hello extends RequestHandler {
  get() { this.write("hello"); }
  onFinish() { return later("finished"); }
}
class Echo extends WebSocketHandler {
  onClose() { seen.push(this.closeCode); }
}
class Run extends RequestHandler {
  async get() {
    const app = new Application([["/", Hello], ["/echo", Echo]], { graceMs: 2_000 });
    app.onShutdown(() => seen.push("first"));
    app.onShutdown(() => later("last"));
    const t = testServer(app);
    seen.push(await (await t.get("/")).text());
    await t.websocket("/echo");
    await t.server.shutdown();
    await t[Symbol.asyncDispose]();
    this.write({ seen });
  }
}
export default new Application([["/", Run]], { serveTraceback: true });
`;

serviceTest("workerd", "an application that is tested on Workers ends in order", async () => {
  await using built = await BuiltPackage.make();
  const text = await wranglerBundle(TESTS, await built.linked("worker"), {
    plugins: [
      noPackages,
      dependenciesOutside,
    ],
  });
  await stop();
  await using worker = await startWorkerd({ "worker.js": text });
  const { seen } = await (await fetch(`http://127.0.0.1:${worker.port}/`)).json();
  assertEquals(new Set(seen.slice(0, 3)), new Set(["hello", 1001, "finished"]));
  assertEquals(seen.slice(3), ["last", "first"]);
});
