/** What wrangler makes of the package, where nothing has had time to load, and of the doors beside the main one. */
import { assertEquals, assertMatch } from "@std/assert";
import { stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { template } from "../../mod.ts";
import { BuiltPackage } from "../support/built_package.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { dependenciesOutside, unusedPackages, wranglerBundle } from "../support/wrangler_bundle.ts";

/** Makes an application for each request, as one does whose settings come out of the environment. */
const FRESH = `
import { Application, PrecompiledLoader, RequestHandler } from "${config.name}";

class Page extends RequestHandler {
  get() { return this.render("page.html", { name: "ada" }); }
}
class Old extends RequestHandler {
  get() {
    this.setHeader("last-modified", "Tue, 15 Nov 1994 12:45:26 GMT");
    this.write("news");
  }
}
const name = "./page.js";
const page = await import(name);
export default {
  fetch(request, ...given) {
    const templateLoader = new PrecompiledLoader({ "page.html": page });
    const app = new Application([["/page", Page], ["/old", Old]], { templateLoader });
    return new URL(request.url).search === "?alone"
      ? app.fetch(new Request(request.url))
      : app.fetch(request, ...given);
  },
};
`;

/** Fields of conditional requests, and whether they are dates later than the one of the page. */
const DATES: Readonly<Record<string, boolean>> = {
  "Friday, 03-Mar-95 12:45:26 GMT": true,
  "Fri Mar  3 12:45:26 1995": true,
  "Friday, 31-Feb-95 12:45:26 GMT": false,
  "Fri Feb 31 12:45:26 1995": false,
  "Fri, 31 Feb 1995 12:45:26 GMT": false,
};

serviceTest("workerd", "an application answers in the turn in which it was made", async (t) => {
  await using built = await BuiltPackage.make();
  const text = await wranglerBundle(FRESH, await built.linked("worker"), {
    plugins: [dependenciesOutside],
  });
  await stop();
  const page = template.compile("<b>{{ name }}</b>", { name: "page.html" });
  await using worker = await startWorkerd({ "worker.js": text, "page.js": page });
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${worker.port}${path}`, init);

  await t.step("with a page", async () => {
    for (const path of ["/page", "/page?alone"]) {
      const response = await ask(path);
      assertEquals([response.status, await response.text()], [200, "<b>ada</b>"], path);
    }
  });

  for (const [date, isDate] of Object.entries(DATES)) {
    await t.step(`${date} is ${isDate ? "a date" : "none"}`, async () => {
      const response = await ask("/old", { headers: { "if-modified-since": date } });
      await response.body?.cancel();
      assertEquals(response.status, isDate ? 304 : 200);
    });
  }
});

/** Tests an application, and asks for time. */
const TESTED = `
import { Application, RequestHandler } from "${config.name}";
import { fakeTime, testServer } from "${config.name}/testing";

class Hello extends RequestHandler {
  get() { this.write("hello"); }
}
class Run extends RequestHandler {
  async get() {
    await using t = testServer(new Application([["/", Hello]]));
    this.write(await (await t.get("/")).text());
  }
}
class Time extends RequestHandler {
  get() {
    try {
      fakeTime();
    } catch (error) {
      this.write(error.name + ": " + error.message);
    }
  }
}
class Long extends RequestHandler {
  get() { this.write("gust ".repeat(10_000)); }
}
export default new Application([["/", Run], ["/time", Time], ["/long", Long]], {
  serveTraceback: true,
});
`;

serviceTest(
  "workerd",
  "tests of applications need no package that Workers cannot load",
  async () => {
    await using built = await BuiltPackage.make();
    const text = await wranglerBundle(TESTED, await built.linked("worker"), {
      plugins: [unusedPackages(/^@logtape\/logtape$/), dependenciesOutside],
    });
    await stop();
    await using worker = await startWorkerd({ "worker.js": text });
    const textOf = async (path: string) =>
      await (await fetch(`http://127.0.0.1:${worker.port}${path}`)).text();
    assertEquals(await textOf("/"), "hello");
    assertMatch(await textOf("/time"), /^UnsupportedFeatureError: Cannot use fakeTime\(\)/);
    assertMatch(await textOf("/long"), /^gust gust/);

    // Before its date, Node's modules are there by a flag alone.
    const compatibilityDate = "2026-08-03";
    await using old = await startWorkerd({ "worker.js": text }, { compatibilityDate });
    const response = await fetch(`http://127.0.0.1:${old.port}/long`);
    assertEquals(response.status, 500);
    assertMatch(await response.text(), /node:crypto.+ Workers with the flag nodejs_compat/);
  },
);
