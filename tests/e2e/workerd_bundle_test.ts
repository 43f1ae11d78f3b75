/** What wrangler makes of the package, without `./build`: what is there, and what is not. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { createSignedValue, decodeSignedValue, template } from "../../mod.ts";
import { BuiltPackage } from "../support/built_package.ts";
import { poll } from "../support/poll.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { dependenciesOutside, wranglerBundle } from "../support/wrangler_bundle.ts";

const SECRET = "32 random bytes, in real life ab";

/** Everything that hangs on a value, and settings without one. */
const APPLICATION = `
import {
  Application, configureLogging, EventStreamHandler, MemoryBroker, PrecompiledLoader, RequestHandler,
  UIModule, WebSocketHandler,
} from "${config.name}";

process.env.GUSTNADO_LOG = "info";

class Wind extends UIModule {
  render(text) { return "<b>" + text + "</b>"; }
}
class Page extends RequestHandler {
  get(name) { return this.render("page.html", { name }); }
}
class Upload extends RequestHandler {
  post() { this.write({ size: this.request.files.photo[0].body.length }); }
}
class Publish extends RequestHandler {
  async get() { this.write(await this.application.publish("news", "a gust")); }
}
class News extends EventStreamHandler {
  open() {
    this.subscribe("plain");
    this.application.publish("plain", "a gust");
  }
}
class Parts extends RequestHandler {
  get(...parts) { this.write(parts.join(" ")); }
}
class Echo extends WebSocketHandler {
  onMessage(message) { this.writeMessage(message); }
}
class Signed extends RequestHandler {
  get() { this.write({ user: this.getSignedCookie("user"), token: this.xsrfToken }); }
  post() { this.setSignedCookie("user", "ada"); }
}
class Logged extends RequestHandler {
  get() {
    configureLogging({ format: "json" });
    this.write(this.application.platform.console.inspect(new RangeError("calm")));
  }
}
class Typed extends RequestHandler {
  get(name, type) { this.write({ name, type }); }
}
class Bare extends RequestHandler {
  get() { return this.render("page.html"); }
}

const ATTEMPTS = {
  templatePath: () => new Application([], { templatePath: "templates" }),
  uiModules: () => new Application([], { uiModules: { Wind } }),
  staticPath: () => new Application([], { staticPath: "static" }),
  debug: () => new Application([], { debug: true }),
  topics: () => new Application([], { topics: { news: { history: 1 } } }),
  loader: () => new Application([], { templateLoader: { load() {} } }),
  broker: () => new Application([], { broker: { name: "mine", log: {}, open() {}, publish() {} } }),
  listen: () => new Application().listen(8888),
  text: () => new Application([["/<name>", Page]]),
  target: () => new Application([["/", Missing.Page]]),
  args: () => new Application([["/", Page, "front"]]),
  setting: () => new Application([], { loginurl: "/login" }),
  python: () => new Application([], { gzip: true }),
  host: () => new Application().addHandlers("https://example.com", []),
  name: () => new Application([["/", Page, {}, "front"]]).reverseUrl("fornt"),
};
class Attempt extends RequestHandler {
  get(name) {
    try {
      ATTEMPTS[name]();
      this.write("made");
    } catch (error) {
      this.write(error.name + ": " + error.message);
    }
  }
}

const Missing = {};
const name = "./page.js";
export default new Application([
  ["/page/:name", Page],
  ["/typed/:name.:type", Typed],
  ["/upload", Upload],
  ["/publish", Publish],
  ["/news", News],
  ["/attempt/:name", Attempt],
  ["/parts/(.*)/(.*)", Parts],
  ["/([0-9]+)-([a-z]+)", Parts],
  ["/echo", Echo],
  ["/signed", new Application([["/signed", Signed]], {
    cookieSecret: "${SECRET}", xsrfCookies: true,
  })],
  ["/logged", Logged],
  ["/bare", new Application([["/bare", Bare]], { serveTraceback: true })],
], {
  templateLoader: new PrecompiledLoader({ "page.html": await import(name) }),
  uiModules: { Wind },
  topics: { news: { history: 10 } },
  broker: new MemoryBroker(),
  compressResponse: true,
});
`;

/** What is said of what is not there, by who asks for it. */
const MISSING: Readonly<Record<string, RegExp>> = {
  templatePath:
    /^the setting "templatePath": .+ "templateLoader" with a PrecompiledLoader, or .+build/,
  uiModules: /^pages without the setting "templateLoader": .+ PrecompiledLoader/,
  staticPath:
    /^the setting "staticPath" without .+: .+ AssetHandler of @gustnado\/gustnado\/workers .+build/,
  topics: /^the setting "topics" without "broker": .+ durableObjectBroker\(\) .+MemoryBroker\(\)/,
  loader: /^a "templateLoader" that does not extend BaseLoader: .+ PrecompiledLoader/,
  broker: /^the broker "mine", which does not extend MemoryBroker: .+ durableObjectBroker\(\)/,
  listen: /^a listening server: .+ `export default app`/,
};

/** What is said of a mistake, without a guess of what was meant, by who makes it. */
const MISTAKES: Readonly<Record<string, RegExp>> = {
  text: /^SyntaxError: .+ "<" at 1 is not literal text; put a regular expression in parentheses$/,
  target: /^TypeError: Cannot route "\/" to undefined: expected a handler class, .+$/,
  args: /^TypeError: Cannot use "front" as the option of the route "\/" "args": expected an object/,
  setting: /^TypeError: Unknown setting "loginurl": what is your own goes into the setting "own"$/,
  python: /^TypeError: Unknown setting "gzip": what is your own goes into the setting "own"$/,
  host: /^SyntaxError: Cannot match hosts by "https:\/\/example\.com": expected a host, .+$/,
  name: /^Error: Cannot reverse "fornt": no route has this name$/,
};

/** Names neither what has translations nor a loader. */
const PLAIN = `
import { Application, RequestHandler } from "${config.name}";
class Main extends RequestHandler {
  get() { this.write(this.locale.code); }
}
class Chosen extends RequestHandler {
  getUserLocale() { return "de"; }
  get() { this.write(this.locale.code); }
}
class Links extends RequestHandler {
  get() { this.write(this.renderLinkedJs(["/a.js"])); }
}
export default new Application([
  ["/plain/", Main],
  ["/plain/chosen", Chosen],
  ["/plain/links", Links],
], { serveTraceback: true });
`;

/** Names what has translations. */
const TRANSLATED = `
import { Application, locale, RequestHandler } from "${config.name}";
locale.addTranslations("de", "gust,Böe");
class Main extends RequestHandler {
  get() { this.write(this.locale.translate("gust")); }
}
class Chosen extends Main {
  getUserLocale() { return locale.get("de"); }
}
class Gettext extends RequestHandler {
  get() { return locale.addGettextTranslations("fr", ""); }
}
class Files extends RequestHandler {
  get() { locale.loadTranslations("translations"); }
}
export default new Application([
  ["/translated/", Main],
  ["/translated/chosen", Chosen],
  ["/translated/gettext", Gettext],
  ["/translated/files", Files],
], { serveTraceback: true });
`;

/** Both, by the beginning of the path. */
const LANGUAGES = `
import plain from "./plain.js";
import translated from "./translated.js";
export default {
  fetch: (request, ...given) =>
    (new URL(request.url).pathname.startsWith("/plain/") ? plain : translated)
      .fetch(request, ...given),
};
`;

/** What is said of languages and pages by who has none. */
const UNTRANSLATED: Readonly<Record<string, RegExp>> = {
  "/plain/": /Cannot use this\.locale .+ locale\.addTranslations\(\) or .+setDefaultLocale/,
  "/plain/chosen": /Cannot use this\.locale .+ locale\.addTranslations\(\)/,
  "/plain/links": /Cannot use pages without the setting "templateLoader".+ PrecompiledLoader/,
  "/translated/gettext": /gettext catalogues: .+ locale.addTranslations\(\) with CSV, or .+build/,
  "/translated/files": /files of translations: .+ locale.addTranslations\(\) with CSV, or .+build/,
};

serviceTest("workerd", "what wrangler makes of the package is a worker", async (t) => {
  await using built = await BuiltPackage.make();
  const folder = await built.linked("worker");
  const [text, plain, translated] = await Promise.all(
    [APPLICATION, PLAIN, TRANSLATED].map((application) =>
      wranglerBundle(application, folder, { plugins: [dependenciesOutside] })
    ),
  );
  assert(text !== undefined && plain !== undefined && translated !== undefined);
  await stop();
  const page = template.compile(
    '{% module Wind(name) %} {{ _("gusts") }} in {{ locale.name }}',
    { name: "page.html" },
  );
  await using worker = await startWorkerd({ "worker.js": text, "page.js": page });
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${worker.port}${path}`, init);

  await t.step("neither the template compiler nor the pages of development are in it", () => {
    assertEquals(/parseExpressionAt|ecmaVersion|EventSource\(/.test(text), false);
    assertLess(text.length, 250_000);
  });

  await t.step("expressions that could be slow are matched, in linear time", async () => {
    assertEquals(await (await ask("/typed/a.b.c")).json(), { name: "a.b", type: "c" });
  });

  await t.step("a loader brings pages along", async () => {
    const text = await (await ask("/page/ada")).text();
    assertEquals(text, "<b>ada</b> gusts in English (United States)");
  });

  await t.step("forms with files are read", async () => {
    const body = new FormData();
    body.set("photo", new File(["12345"], "cloud.png"));
    const response = await ask("/upload", { method: "POST", body });
    assertEquals(await response.json(), { size: 5 });
  });

  await t.step("a broker brings topics with history along", async () => {
    const { offset } = await (await ask("/publish")).json();
    assertEquals(offset, 1);
  });

  await t.step("an event stream brings plain topics along", async () => {
    const reader = (await ask("/news")).body?.getReader();
    const { value } = await reader?.read() ?? {};
    assertMatch(new TextDecoder().decode(value), /^data: a gust$/m);
    await reader?.cancel();
  });

  await t.step("a handler of WebSockets brings along how they are taken over", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/echo`);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    socket.onopen = () => socket.send("a gust");
    socket.onmessage = ({ data }) => resolve(data);
    assertEquals(await promise, "a gust");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });

  await t.step("signed values and tokens are those of any other runtime", async () => {
    const cookie = `user=${createSignedValue(SECRET, "user", "bob")}`;
    const form = await ask("/signed", { headers: { cookie } });
    const { user, token } = await form.json();
    assertEquals(user, "bob");
    const [sent = ""] = form.headers.getSetCookie();
    const refused = await ask("/signed", { method: "POST" });
    assertEquals(refused.status, 403);
    await refused.body?.cancel();
    const headers = { cookie: sent.split(";")[0] ?? "", "x-xsrftoken": token };
    const accepted = await ask("/signed", { method: "POST", headers });
    await accepted.body?.cancel();
    const [, value = ""] = /^user="?([^";]+)/.exec(accepted.headers.getSetCookie()[0] ?? "") ?? [];
    assertEquals(decodeSignedValue(SECRET, "user", value), "ada");
  });

  await t.step("debug does nothing, and says so", async () => {
    assertEquals(await (await ask("/attempt/debug")).text(), "made");
    assert(await poll(() => /The setting "debug" does nothing/.test(worker.output)));
  });

  for (const [name, message] of Object.entries(MISSING)) {
    await t.step(`${name} tells what to use in its place`, async () => {
      const said = await (await ask(`/attempt/${name}`)).text();
      const [, text = said] = /^UnsupportedFeatureError: Cannot use (.+)/.exec(said) ?? [];
      assertMatch(text, message);
    });
  }

  for (const [name, message] of Object.entries(MISTAKES)) {
    await t.step(`mistake of a route or setting is an error without a guess: ${name}`, async () => {
      assertMatch(await (await ask(`/attempt/${name}`)).text(), message);
    });
  }

  await t.step("routes with several repetitions are matched", async () => {
    assertEquals(await (await ask("/parts/a/b/c")).text(), "a/b c");
    assertEquals(await (await ask("/2026-november")).text(), "2026 november");
    assertMatch(await (await ask("/nowhere/at/all")).text(), /404/);
  });

  await t.step("a page without a loader is an error that tells what to use", async () => {
    const response = await ask("/bare");
    assertEquals(response.status, 500);
    assertMatch(await response.text(), /Cannot use pages without the setting "templateLoader"/);
  });

  await t.step("the variable GUSTNADO_LOG writes no lines, and that is said once", async () => {
    assert(await poll(() => /Uncaught exception GET \/bare/.test(worker.output)));
    const said = worker.output.split("Cannot write logs as the variable GUSTNADO_LOG says").length;
    assertEquals(said, 2);
  });

  await t.step("configureLogging() writes lines of JSON, and nothing before them", async () => {
    assertMatch(await (await ask("/logged")).text(), /^RangeError: calm/);
    assert(await poll(() => /^\{.*"uri":"\/logged".*\}$/m.test(worker.output)));
  });

  await using languages = await startWorkerd({
    "worker.js": LANGUAGES,
    "plain.js": plain,
    "translated.js": translated,
  });
  const askIn = (path: string, language = "de-AT") =>
    fetch(`http://127.0.0.1:${languages.port}${path}`, {
      headers: { "accept-language": language },
    });

  await t.step("who names no locale carries none", () => {
    assert(/RelativeTimeFormat/.test(translated));
    assertEquals(/RelativeTimeFormat|DisplayNames|CDATA/.test(plain), false);
  });

  await t.step("the namespace locale brings locales along", async () => {
    assertEquals(await (await askIn("/translated/")).text(), "Böe");
    assertEquals(await (await askIn("/translated/", "fr")).text(), "gust");
    assertEquals(await (await askIn("/translated/chosen", "fr")).text(), "Böe");
  });

  for (const [path, message] of Object.entries(UNTRANSLATED)) {
    await t.step(`${path} tells what to use in its place`, async () => {
      const response = await askIn(path);
      assertEquals(response.status, 500);
      assertMatch(await response.text(), message);
    });
  }
});
