/** What bundles for Workers do without, and what they keep of it where an application needs it. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import type { BuildOptions } from "../../src/build/mod.ts";
import { BuiltApplication } from "../support/built.ts";

/** An application whose handler of `/` has a body. */
function application(body: string, { imports = "", routes = "", more = "" } = {}): string {
  return `import { Application, RequestHandler${imports} } from "@gustnado/gustnado";
class Home extends RequestHandler {
  override async get(...given: string[]) {
    ${body}
  }
}
${more}
const app = new Application([["/", Home]${routes}]);
export default app;
`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The text of the bundle. */
  readonly bundle: string;
}

/** What a bundle answers to a request. */
async function answerOf(
  app: string,
  { path = "/", headers = {}, ...options }: Partial<BuildOptions> & {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  await using built = await BuiltApplication.write({ "app.ts": app });
  await built.build({ target: "workers", ...options });
  return { ...await built.get(path, { headers }), bundle: await built.bundle() };
}

const WRITES = 'this.write("gust");';

Deno.test("a bundle for Workers has no lines of its own, and no table of levels", async () => {
  const { text, bundle } = await answerOf(application(WRITES));
  assertEquals(text, "gust");
  assertNotMatch(bundle, /GUSTNADO_LOG|logtape|no route matches/);
  const kept = await answerOf(application(WRITES), { keep: ["GUSTNADO_LOG"] });
  assertEquals(kept.text, "gust");
  assertMatch(kept.bundle, /GUSTNADO_LOG/);
});

Deno.test("exceptions reach the console of a bundle for Workers", async () => {
  const app = application('throw new Error("too windy");', {
    more: `const said: unknown[] = [];
console.error = (...given: unknown[]) => void said.push(...given);
class Said extends RequestHandler {
  override async get() {
    const { status } = await app.fetch(new Request("http://localhost/"));
    this.write(status + " " + said.map(String).join());
  }
}`,
    routes: ', ["/said", Said]',
  });
  const { text } = await answerOf(app, { path: "/said" });
  assertEquals(
    text,
    "500 Uncaught exception GET / (0.0.0.0),Error: too windy",
  );
});

Deno.test("LogTape gets all records in a bundle for Workers", async () => {
  const app = `import { configure } from "@logtape/logtape";
${
    application(
      `await app.fetch(new Request("http://localhost/none"));
    this.write(seen.join("; "));`,
      {
        more: `const seen: string[] = [];
await configure({
  sinks: { seen: ({ properties }) => void seen.push(properties.status + " " + properties.reason) },
  loggers: [{ category: "gustnado", sinks: ["seen"] }, { category: ["logtape", "meta"], sinks: [] }],
});`,
      },
    )
  }`;
  assertEquals((await answerOf(app)).text, "404 no route matches the path");
});

Deno.test("configureLogging writes lines in a bundle for Workers", async () => {
  const app = application(
    `await app.fetch(new Request("http://localhost/none"));
    this.write(lines.join("; "));`,
    {
      imports: ", configureLogging",
      more: `const lines: string[] = [];
console.error = (line: string) => void lines.push(line);
configureLogging({ colors: false });`,
    },
  );
  assertMatch((await answerOf(app)).text, / W 404 GET \/none .*: no route matches the path$/);
});

Deno.test("a logFunction is called in a bundle for Workers, and knows the time", async () => {
  const app = `import { Application, RequestHandler } from "@gustnado/gustnado";
const lines: string[] = [];
class Home extends RequestHandler {
  override get() {
    this.write(lines.join("; "));
  }
}
class Other extends RequestHandler {
  override async get() {
    await app.fetch(new Request("http://localhost/none"));
    this.write(lines.join("; "));
  }
}
const app = new Application([["/home", Home], ["/", Other]], {
  logFunction: (handler) => void lines.push(handler.getStatus() + " " + typeof handler.request.requestTime()),
});
export default app;
`;
  assertEquals((await answerOf(app)).text, "404 number");
});

Deno.test("a field set by a handler may be a date, and makes a response conditional", async () => {
  const body = 'this.setHeader("Last-Modified", new Date(784111777000)); this.write("gust");';
  const first = await answerOf(application(body));
  assertEquals(first.headers.get("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  const headers = { "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" };
  assertEquals((await answerOf(application(body), { headers })).status, 304);
  const bad = 'try { this.setHeader("a b", "c"); } catch (error) { this.write(String(error)); }';
  assertMatch((await answerOf(application(bad))).text, /the name is not a token/);
});

Deno.test("statuses and options of errors are checked where the application gives some", async () => {
  const status = "try { this.setStatus(99); } catch (error) { this.write(String(error)); }";
  assertMatch((await answerOf(application(status))).text, /^RangeError: Cannot use 99/);
  const options = `const wrong = { reasons: "" };
    try { throw new HTTPError(400, wrong); } catch (error) { this.write(String(error)); }`;
  const { text } = await answerOf(application(options, { imports: ", HTTPError" }));
  assertMatch(text, /^TypeError: Unknown option of HTTPError "reasons"/);
});

Deno.test("groups of paths are decoded, by strings, expressions and matchers", async () => {
  const body = 'this.write(given.join("|"));';
  const paths = [
    [', ["/user/:id", Home]', "/user/a%20b", "a b"],
    [", [/\\/(\\d+)\\/x%20?/, Home]", "/12/x%20", "12"],
    [
      ', [{ match: ({ path }) => path === "/m%20" ? { args: ["%67"], kwargs: null } : null }, Home]',
      "/m%20",
      "g",
    ],
    [', ["/below", [["/below/*", Home]]], ["/below/*", Home]', "/below/a%2Fb", "a/b"],
  ] as const;
  for (const [routes, path, expected] of paths) {
    const { status, text } = await answerOf(application(body, { routes }), { path });
    assertEquals([status, text], [200, expected], routes);
  }
});

Deno.test("lists of routes need no router of another kind; applications and functions have theirs", async () => {
  const list = await answerOf(application(WRITES, { routes: ', ["/in", [["/in", Home]]]' }), {
    path: "/in",
  });
  assertEquals(list.text, "gust");
  assertMatch(list.bundle, /Cannot use otherTarget/);
  const mounted = application(WRITES, {
    more: `class Inner extends RequestHandler {
  override get() {
    this.write(String(this.application === inner));
  }
}
const inner = new Application([["/inner", Inner]]);`,
    routes: ', ["/inner", inner], ["/f", () => new Response("f")]',
  });
  assertEquals((await answerOf(mounted, { path: "/inner" })).text, "true");
  assertEquals((await answerOf(mounted, { path: "/f" })).text, "f");
});

Deno.test("what no route led to at import says what was left out", async () => {
  const app = application(
    `const added = [["/late", () => new Response("late")]] as const;
    try { app.addHandlers("*", added); this.write("added"); } catch (error) { this.write(String(error)); }`,
  );
  assertEquals(
    (await answerOf(app)).text,
    "Error: Cannot use otherTarget: it was left out of the bundle because the application did not need " +
      "it when it was imported; build with --keep otherTarget",
  );
  assertEquals((await answerOf(app, { keep: ["otherTarget"] })).text, "added");
});

Deno.test("a cron trigger runs the callbacks of a bundle, and does nothing without any", async () => {
  const body = `await app.scheduled({ scheduledTime: 3_600_000 } as never);
    this.write(String(ran));`;
  const callback = application(body, {
    imports: ", PeriodicCallback",
    more: "let ran = false;\nnew PeriodicCallback(() => void (ran = true), 60_000).start();",
  });
  assert((await answerOf(callback)).bundle.includes("runIfDue"));
  const none = await answerOf(application(body, { more: "const ran = false;" }));
  assertEquals(none.text, "false");
  assertNotMatch(none.bundle, /runIfDue/);
});

Deno.test("an unknown setting is told of where no setting is known", async () => {
  const app = application(
    `const name = ["de", "bug"].join("");
    try { new Application([], { [name]: true } as never); } catch (error) { this.write(String(error)); }`,
  );
  assertEquals(
    (await answerOf(app)).text,
    'TypeError: Unknown setting "debug": if there is one, it was left out because nothing named it; ' +
      "build with --keep debug",
  );
});

Deno.test("members tell that they were left out where names are put together, and only there", async () => {
  const { bundle } = await answerOf(application(WRITES));
  assertNotMatch(bundle, /it was left out of the bundle because nothing named it/);
  const computed = application(
    "const all: unknown[] = []; all[given.length] = 1; this.write('gust');",
  );
  assertMatch((await answerOf(computed)).bundle, /because nothing named it/);
});

Deno.test("a bundle has what modules of CommonJS ask for if one of them is in it", async () => {
  assertNotMatch((await answerOf(application(WRITES))).bundle, /__filename|MODULE_NOT_FOUND/);
  await using built = await BuiltApplication.write({
    "app.ts": `import names from "./names.cjs";\n${application("this.write(names.sep);")}`,
    "names.cjs": 'module.exports = { sep: require("node:path").sep };',
  });
  await built.build();
  assertEquals((await built.get("/")).text, "/");
});

Deno.test("hosts and addresses are looked at in a bundle for Workers", async () => {
  const body = "this.write(this.request.remoteIp + ' ' + this.request.host);";
  const ask = async (headers: Readonly<Record<string, string>>) => {
    const { status, text } = await answerOf(application(body), { headers });
    return status === 200 ? text : status;
  };
  assertEquals(
    await ask({ "cf-connecting-ip": "192.0.2.7", host: "a.example" }),
    "192.0.2.7 a.example",
  );
  assertEquals(
    await ask({ "cf-connecting-ip": "2001:db8::1", host: "[::1]:80" }),
    "2001:db8::1 [::1]:80",
  );
  assertEquals(await ask({ "cf-connecting-ip": "<b>", host: "a" }), "0.0.0.0 a");
  assertEquals(await ask({ host: "[::1::2]" }), 400);
  assertEquals(await ask({ host: "a.example,b.example" }), 400);
});

Deno.test("a class that is no handler has none of the hooks of handlers: WebSockets read no bodies", async () => {
  const app = `import { Application, WebSocketHandler } from "@gustnado/gustnado";
class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}
export default new Application([["/", Echo]]);
`;
  const { status, bundle } = await answerOf(app);
  assertEquals(status, 400);
  assertNotMatch(bundle, /Request body is larger|compressionLevel/);
});

Deno.test("WebSockets ask for compression where the application does", async () => {
  const app = `import { Application, WebSocketHandler } from "@gustnado/gustnado";
class Echo extends WebSocketHandler {
  override getCompressionOptions() {
    return { compressionLevel: 6 };
  }
}
export default new Application([["/", Echo]]);
`;
  assertMatch((await answerOf(app)).bundle, /compressionLevel.*compressionLevel/s);
});

Deno.test("error pages give the reason of each status that can come up", async () => {
  const missing = await answerOf(application(WRITES), { path: "/none" });
  assertMatch(missing.text, /<title>404: Not Found</);
  assertNotMatch(missing.bundle, /teapot/);
  const app = application("throw new HTTPError(418);", { imports: ", HTTPError" });
  assertMatch((await answerOf(app)).text, /<title>418: I&#39;m a teapot</);
  const status = application("this.sendError(409);");
  assertMatch((await answerOf(status)).text, /<title>409: Conflict</);
});

Deno.test("middleware hears of what works on a request, and of its end", async () => {
  const app = `import { Application, RequestHandler, timeout } from "@gustnado/gustnado";
class Slow extends RequestHandler {
  override async get() {
    await new Promise((resolve) => setTimeout(resolve, Number(this.getQueryArgument("ms"))));
    this.write("done");
  }
}
export default new Application([["/", Slow]], { middleware: [timeout(300)] });
`;
  assertEquals((await answerOf(app, { path: "/?ms=1" })).text, "done");
  assertEquals((await answerOf(app, { path: "/?ms=2000" })).status, 503);
});
