import { assertEquals, assertThrows } from "@std/assert";
import { denoPlatform } from "../../src/platform/deno/deno_platform.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { ErrorHandler } from "../../src/web/error_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

/** What each setting takes, and what it does not. */
const SETTINGS: Record<string, [good: unknown, bad: unknown, expected: string]> = {
  bodyTimeout: [1000, -1, "a number from 0"],
  compressResponse: [true, 1, "a boolean"],
  debug: [false, "yes", "a boolean"],
  decompressRequest: [true, null, "a boolean"],
  defaultHandlerArgs: [{}, null, "an object"],
  defaultHandlerClass: [ErrorHandler, class {}, "a handler class"],
  defaultHost: ["example.com", /x/, "a string"],
  logFunction: [() => {}, {}, "a function"],
  loginUrl: ["/login", 1, "a string"],
  maxArguments: [5, NaN, "a number from 0"],
  maxBodySize: [Infinity, "1MB", "a number from 0"],
  maxMultipartHeaderBytes: [5, {}, "a number from 0"],
  maxMultipartParts: [0, "5", "a number from 0"],
  own: [{ contents: new Map() }, [1], "an object"],
  middleware: [[() => new Response()], [5], "an array of functions"],
  platform: [denoPlatform(), "deno", "an object"],
  protocol: ["https", "ftp", '"http" or "https"'],
  serveTraceback: [true, 0, "a boolean"],
  trustedDownstream: [["10.0.0.0/8", "::1"], [5], "an array of strings"],
  xheaders: [true, "true", "a boolean"],
};

for (const [name, [good, bad, expected]] of Object.entries(SETTINGS)) {
  Deno.test(`setting ${name} takes ${expected}, and nothing else`, () => {
    const create = (value: unknown) =>
      new Application([], { [name]: value } as ApplicationSettings);
    assertEquals(Object.keys(create(good).settings), [name]);
    create(undefined);
    assertThrows(() => create(bad), TypeError, `as the setting "${name}": expected ${expected}`);
  });
}

const UNKNOWN: Record<string, string> = {
  xhaeders: 'Unknown setting "xhaeders": did you mean "xheaders"?',
  max_body_size: 'Unknown setting "max_body_size": it is spelled "maxBodySize"',
  xheaders_: 'Unknown setting "xheaders_": did you mean "xheaders"?',
  middlewares: 'Unknown setting "middlewares": did you mean "middleware"?',
  gzip: 'Unknown setting "gzip": it is called "compressResponse"',
  autoreload:
    'Unknown setting "autoreload": run the application with `deno run -A jsr:@gustnado/gustnado/dev main.ts`',
  handleSignals: 'Unknown setting "handleSignals": it is an option of listen()',
  port: 'Unknown setting "port": it is the first argument of listen()',
  contents_manager:
    'Unknown setting "contents_manager": what is your own goes into the setting "own"',
  login_url: 'it is spelled "loginUrl"',
  __proto_: 'Unknown setting "__proto_"',
  toString: 'Unknown setting "toString"',
  hostname: 'Unknown setting "hostname": it is an option of listen()',
  twitter_consumer_key: 'Unknown setting "twitter_consumer_key"',
};

for (const [name, message] of Object.entries(UNKNOWN)) {
  Deno.test(`setting ${name} is unknown`, () => {
    const error = assertThrows(
      () => new Application([], { [name]: 1 } as ApplicationSettings),
      TypeError,
    );
    assertEquals(error.message.includes(message), true, error.message);
  });
}

Deno.test("attribute of the token's cookie is checked when the application is built", () => {
  assertThrows(
    () => new Application([], { xsrfCookieOptions: { max_age: 5 } as never }),
    TypeError,
    'Unknown attribute in "xsrfCookieOptions" "max_age": it is spelled "maxAge"',
  );
});

Deno.test("setting that is given to listen() is an error that says where it goes", () => {
  const listen = (options: object) => () => new Application().listen(0, options);
  assertThrows(
    listen({ debug: true }),
    TypeError,
    'Unknown option of listen() "debug": it is a setting of the application',
  );
  assertThrows(
    listen({ grace: 5 }),
    TypeError,
    'Unknown option of listen() "grace": did you mean "graceMs"?',
  );
});

interface Contents {
  read(name: string): string;
}

class Journal extends Application<{ contents: Contents }> {
  pages = 0;
}

class Page extends RequestHandler<Journal> {
  override get(name: string) {
    this.application.pages++;
    const text: string = this.settings.own.contents.read(name);
    // @ts-expect-error -- the application has no such thing of its own
    const missing: undefined = this.settings.own.missing;
    // @ts-expect-error -- nor is there such a setting
    assertEquals([missing, this.settings.contents], [undefined, undefined]);
    this.write(text + (this.settings.loginUrl ?? ""));
  }
}

/** Handlers of no application in particular may look at anything of its own. */
class Untyped extends RequestHandler {
  override get() {
    this.write(this.settings.own.contents.read("untyped"));
  }
}

Deno.test("what is the application's own reaches its handlers, with its type", async () => {
  const own = { contents: { read: (name: string) => `read ${name}` } };
  const app = new Journal([["/any", Untyped], ["/:name", Page]], { own });
  assertEquals(app.settings.own?.contents.read("a"), "read a");
  const get = async (path: string) =>
    (await app.fetch(new Request(`http://localhost${path}`))).text();
  assertEquals(await get("/b"), "read b");
  assertEquals(await get("/any"), "read untyped");
  // @ts-expect-error -- the contents are missing
  new Journal([], { own: {} });
  const inferred = new Application([], { own: { depth: 5 } });
  const depth: number | undefined = inferred.settings.own?.depth;
  assertEquals(depth, 5);
});

Deno.test("proxy that is no address is refused when the application is built", () => {
  assertThrows(
    () => new Application([], { trustedDownstream: ["10.0.0.0/99"] }),
    TypeError,
    'Cannot trust the proxy "10.0.0.0/99"',
  );
});

Deno.test("settings reach handlers, and requireSetting asks for one", async () => {
  using records = captureLogs();
  const app = new Application([[
    "/",
    class extends RequestHandler {
      override get() {
        assertEquals(this.requireSetting("loginUrl"), "/login");
        this.write(String(this.settings.loginUrl));
        this.requireSetting("defaultHost", "the feature");
      }
    },
  ]], { loginUrl: "/login" });
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
  await expectLog(
    records,
    "error",
    /Cannot use the feature: set "defaultHost" in the application's settings/,
  );
});
