/** What wrangler makes of the package, without `./build`: what is there, and what is not. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { template } from "../../mod.ts";
import { BuiltPackage } from "../support/built_package.ts";
import { poll } from "../support/poll.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { dependenciesOutside, wranglerBundle } from "../support/wrangler_bundle.ts";

/** Everything that hangs on a value, and settings without one. */
const APPLICATION = `
import {
  Application, EventStreamHandler, locale, MemoryBroker, PrecompiledLoader, RequestHandler, UIModule,
} from "${config.name}";

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
  gettext: () => locale.addGettextTranslations("fr", ""),
};
class Attempt extends RequestHandler {
  async get(name) {
    try {
      await ATTEMPTS[name]();
      this.write("made");
    } catch (error) {
      this.write(error.name + ": " + error.message);
    }
  }
}

const name = "./page.js";
export default new Application([
  ["/page/:name", Page],
  ["/upload", Upload],
  ["/publish", Publish],
  ["/news", News],
  ["/attempt/:name", Attempt],
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
  staticPath: /^the setting "staticPath": .+ AssetHandler of @gustnado\/gustnado\/workers .+build/,
  topics: /^the setting "topics" without "broker": .+ durableObjectBroker\(\) .+MemoryBroker\(\)/,
  loader: /^a "templateLoader" that does not extend BaseLoader: .+ PrecompiledLoader/,
  broker: /^the broker "mine", which does not extend MemoryBroker: .+ durableObjectBroker\(\)/,
  gettext: /^gettext catalogues: .+ locale.addTranslations\(\) with CSV, or .+build/,
  listen: /^a listening server: .+ `export default app`/,
};

serviceTest("workerd", "what wrangler makes of the package is a worker", async (t) => {
  await using built = await BuiltPackage.make();
  const folder = await built.linked("worker");
  const text = await wranglerBundle(APPLICATION, folder, [dependenciesOutside]);
  await stop();
  const page = template.compile("{% module Wind(name) %}", { name: "page.html" });
  await using worker = await startWorkerd({ "worker.js": text, "page.js": page });
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${worker.port}${path}`, init);

  await t.step("neither the template compiler nor the pages of development are in it", () => {
    assertEquals(/parseExpressionAt|ecmaVersion|EventSource\(/.test(text), false);
    assertLess(text.length, 250_000);
  });

  await t.step("a loader brings pages along", async () => {
    assertEquals(await (await ask("/page/ada")).text(), "<b>ada</b>");
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

  await t.step("a page without a loader is an error that tells what to use", async () => {
    const response = await ask("/bare");
    assertEquals(response.status, 500);
    assertMatch(await response.text(), /Cannot use pages without the setting "templateLoader"/);
  });
});
