/**
 * What a newcomer does wrong, and what is said about it: what is wrong, where, and what to write. Each
 * row is tried as it would be, and what counts is what can be read, in the error or in the log.
 */
import { assertEquals, AssertionError } from "@std/assert";
import { authenticated } from "../src/web/decorators.ts";
import { Application } from "../src/web/application.ts";
import type { ApplicationSettings } from "../src/web/application_settings.ts";
import { HTTPError } from "../src/web/http_error.ts";
import { cors } from "../src/web/middleware/cors.ts";
import { RequestHandler } from "../src/web/request_handler.ts";
import { SessionMixin } from "../src/web/session/session_mixin.ts";
import { StaticFileHandler } from "../src/web/static/static_file_handler.ts";
import { configureLogging } from "../src/log/configure_logging.ts";
import { PeriodicCallback } from "../src/concurrent/loop/periodic_callback.ts";
import { DictLoader } from "../src/template/loaders/dict_loader.ts";
import { PrecompiledLoader } from "../src/template/loaders/precompiled_loader.ts";
import { Template } from "../src/template/template.ts";
import { WebSocketHandler } from "../src/websocket/web_socket_handler.ts";
import { websocketConnect } from "../src/websocket/client/websocket_connect.ts";
import { poll } from "./support/poll.ts";

/** What a program without types may hand over. */
function untyped<T>(value: unknown): T {
  return value as T;
}

class Main extends RequestHandler {
  override get() {
    this.write("ok");
  }
}

class Room extends WebSocketHandler {}

/** What is done: it may throw, or leave its traces in the log. */
type Attempt = () => unknown;

/** What has to be said, each part of it. */
type Mistake = readonly [what: string, attempt: Attempt, ...said: readonly string[]];

/** Makes an application with one handler, whose method does what is wrong, and asks it. */
function inHandler(
  act: (handler: RequestHandler) => unknown,
  { settings = {}, init = {} }: { settings?: ApplicationSettings; init?: RequestInit } = {},
): Attempt {
  class Page extends RequestHandler {
    override get() {
      return untyped<undefined>(act(this));
    }
    override post() {
      return untyped<undefined>(act(this));
    }
  }
  return asked(() => new Application([["/", Page]], settings), "/", init);
}

/** Asks an application for a page, and reads it. */
function asked(make: () => Application, path = "/", init: RequestInit = {}): Attempt {
  return async () => {
    const response = await make().fetch(new Request(`http://localhost${path}`, init));
    await response.text().catch(() => {});
  };
}

function route(pattern: unknown, target: unknown = Main, ...rest: unknown[]): Attempt {
  return () => new Application([untyped([pattern, target, ...rest])]);
}

function settings(given: object): Attempt {
  return () => new Application([], untyped<ApplicationSettings>(given));
}

function template(source: string): Attempt {
  return () => new DictLoader({ "page.html": source }).load("page.html").generate({ name: "x" });
}

/** Serves while something is done. */
async function whileServing(app: Application, act: (port: number) => unknown): Promise<void> {
  const place = { hostname: "127.0.0.1", handleSignals: false, onListen() {} };
  await using server = app.listen(0, place);
  await act(server.port);
}

function inWebSocket(handler: typeof WebSocketHandler): Attempt {
  return () =>
    whileServing(new Application([["/room", handler]]), async (port) => {
      const connection = await websocketConnect(`ws://127.0.0.1:${port}/room`);
      await connection.writeMessage("hello");
      await connection.readMessage();
    });
}

/** Starts a program without permissions: what it says is thrown. */
async function barred(): Promise<never> {
  const program = new URL("fixtures/barred_server.ts", import.meta.url).pathname;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", program],
    env: { NO_COLOR: "1" },
  }).output();
  throw new Error(new TextDecoder().decode(stderr));
}

/** Asks for a page of a server, as a browser does. */
function served(handler: typeof RequestHandler): Attempt {
  return () =>
    whileServing(new Application([["/", handler]]), async (port) => {
      await (await fetch(`http://127.0.0.1:${port}/`)).text();
    });
}

const form = new URLSearchParams({ a: "b" });
const json = { method: "POST", body: '{"a":1}', headers: { "Content-Type": "application/json" } };
const circular: Record<string, unknown> = {};
circular.itself = circular;

const MISTAKES: readonly Mistake[] = [
  // ---- routes
  ["object for a handler", route("/", { get() {} }), 'route "/"', "expected a handler class"],
  [
    "class that is no handler",
    route("/", class Shop {}),
    'Cannot route "/" to the class Shop',
    "derive it from RequestHandler",
  ],
  [
    "class that is undefined",
    () => new Application([["/", untyped(undefined)]]),
    'route "/" to undefined',
    "if its name is not exported",
  ],
  [
    "instance as a route",
    route("/", Object.create(Main.prototype)),
    "an instance of Main",
    "pass the class itself",
  ],
  ["route outside the list", () => new Application(untyped(["/", Main])), '[["/", target]]'],
  ["route without a slash", route("x"), 'pattern "x"', 'write "/x"'],
  ["group in angle brackets", route("/<id>"), '"<" at 1', '":id"'],
  ["group in braces", route("/{id}"), '"{" at 1', '":id"'],
  ["group of Python's", route("/(?P<id>.*)"), "how Python names a group", '"(?<id>…)"'],
  ["slash with a question mark", route("/x/?"), '"?" at 3', 'write "/x(?:/?)"'],
  [
    "two routes of one name",
    () => new Application([["/", Main, {}, "home"], ["/b", Main, {}, "home"]]),
    'two routes "home"',
    "rename one",
  ],
  [
    "name that no route has",
    () => new Application([["/", Main, {}, "home"]]).reverseUrl("hmoe"),
    'Cannot reverse "hmoe"',
    'did you mean "home"?',
  ],
  [
    "name where no route has one",
    () => new Application([["/", Main]]).reverseUrl("home"),
    '[pattern, target, {}, "home"]',
  ],
  [
    "method in upper case",
    asked(() =>
      new Application([[
        "/",
        class Page extends RequestHandler {
          Get() {}
        },
      ]])
    ),
    'Page has no method for "GET"',
    "Get() is spelled get()",
  ],
  [
    "hook by Python's name",
    route(
      "/",
      class Page extends RequestHandler {
        on_finish() {}
      },
    ),
    "Page: nobody would call its on_finish()",
    "it is spelled onFinish()",
  ],
  // ---- settings
  ["setting of Python's", settings({ cookie_secret: "x" }), 'it is spelled "cookieSecret"'],
  ["setting with swapped letters", settings({ dbeug: true }), 'did you mean "debug"?'],
  ["setting of a wrong type", settings({ debug: "yes" }), '"yes"', '"debug": expected a boolean'],
  ["option in the settings", settings({ port: 1 }), "the first argument of listen()"],
  [
    "middleware that is not called",
    settings({ middleware: [cors] }),
    "the function cors",
    'middleware: [cors({ origin: "https://example.com" })]',
  ],
  [
    "short cookieSecret",
    () => whileServing(new Application([], { cookieSecret: "x" }), () => {}),
    '"cookieSecret" can be guessed',
    "openssl rand -base64 32",
  ],
  // ---- what a method does
  [
    "text that a method returns",
    inHandler(() => "hello"),
    "the string that a method of Page returned",
    "write() it, or return a Response",
  ],
  [
    "text that a function returns",
    asked(() => new Application([["/", untyped(() => "hello")]])),
    "Cannot send a string",
    "a function in a route takes the Request and returns one",
  ],
  [
    "forgotten await",
    served(
      class extends RequestHandler {
        override get() {
          void this.#save();
        }
        async #save() {
          await undefined;
          throw new RangeError("too windy");
        }
      },
    ),
    'perhaps an "await" is missing where',
    "#save() is called",
    "RangeError: too windy",
  ],
  ["promise that is written", inHandler((page) => page.write(Promise.resolve())), "await it first"],
  [
    "status in quotes",
    inHandler((page) => page.setStatus(untyped("404"))),
    'use "404"',
    "a number",
  ],
  ["number that is written", inHandler((page) => page.write(untyped(5))), "write String(value)"],
  [
    "write after the end",
    inHandler((page) => {
      page.redirect("/elsewhere");
      page.write("more");
    }),
    "GET /",
    "Cannot write() after finish(): return after redirect()",
  ],
  [
    "header after a flush",
    inHandler(async (page) => {
      page.write("some");
      await page.flush();
      page.setHeader("X-Late", "1");
    }),
    'Cannot set header "X-Late"',
    "before the first flush()",
  ],
  [
    "circular JSON",
    inHandler((page) => page.write(circular)),
    'an object with the keys "itself"',
    "toJSON()",
  ],
  [
    "BigInt in JSON",
    inHandler((page) => page.write({ n: 1n })),
    '"n"',
    "write it as String(value)",
  ],
  [
    "exception",
    inHandler(() => {
      throw new RangeError("too windy");
    }),
    "Uncaught exception GET /",
    "RangeError: too windy",
    "mistakes_test.ts:",
  ],
  [
    "rejection",
    inHandler(() => Promise.reject(new RangeError("too windy"))),
    "Uncaught exception GET /",
    "mistakes_test.ts:",
  ],
  [
    "text that is thrown",
    inHandler(() => {
      throw "too windy";
    }),
    "too windy",
    "what is no Error has no stack, throw new Error(…)",
  ],
  [
    "HTTPError of a text",
    inHandler(() => {
      throw new HTTPError(untyped("404"));
    }),
    '"404" as the status',
    "expected a number",
  ],
  [
    "exception after the answer",
    inHandler((page) => {
      page.finish();
      throw new RangeError("too windy");
    }),
    "GET / (0.0.0.0), after its answer of 200",
  ],
  // ---- what was sent
  [
    "missing argument",
    inHandler((page) => page.getArgument("q")),
    "GET /",
    "argument q",
    "default",
  ],
  [
    "options in the place of a default",
    inHandler((page) => page.getArgument("q", untyped({ strip: false }))),
    'the argument "q"',
    'getArgument("q", "the default", { strip: false })',
  ],
  [
    "JSON read as a form",
    inHandler((page) => page.getBodyArgument("a"), { init: json }),
    "Missing argument a",
    "the body is JSON, read it with this.request.json()",
  ],
  [
    "form read as JSON",
    inHandler((page) => page.request.json(), { init: { method: "POST", body: form } }),
    "the body is a form, read it with this.getBodyArgument()",
  ],
  [
    "body that is too large",
    inHandler(() => {}, { settings: { maxBodySize: 1 }, init: json }),
    "413",
    'larger than 1 bytes, which the setting "maxBodySize" says',
  ],
  [
    "form without an XSRF token",
    inHandler(() => {}, {
      settings: { xsrfCookies: true },
      init: { method: "POST", body: form },
    }),
    "403 POST /",
    "'_xsrf' argument missing",
    "{{ xsrfFormHtml() }}",
  ],
  [
    "form of another origin",
    inHandler(() => {}, {
      settings: { xsrfCookies: true, xsrfCheckOrigin: true },
      init: { method: "POST", body: form, headers: { Origin: "https://evil.example" } },
    }),
    '"https://evil.example" is not that of the host "localhost"',
  ],
  [
    "signed cookie without a secret",
    inHandler((page) => page.setSignedCookie("user", "ada")),
    'set "cookieSecret" in the application\'s settings',
  ],
  [
    "log-in without its address",
    inHandler((page) => authenticated(() => {}).call(page)),
    'Cannot use @authenticated: set "loginUrl"',
  ],
  // ---- templates
  [
    "missing template",
    inHandler((page) => page.render("pgae.html"), {
      settings: { templateLoader: new DictLoader({ "page.html": "" }) },
    }),
    'template "pgae.html"',
    'did you mean "page.html"?',
  ],
  [
    "missing folder of templates",
    inHandler((page) => page.render("page.html"), { settings: { templatePath: "/no/such" } }),
    'there is no directory "/no/such"; make it',
  ],
  [
    "template without the setting",
    inHandler((page) => page.render("page.html")),
    'set "templatePath" or "templateLoader"',
  ],
  [
    "bundle without its templates",
    () => new PrecompiledLoader({}).load("page.html"),
    'template "page.html": it was not compiled; compile it ahead with template.compile',
  ],
  [
    "unclosed block",
    template("{% if name %}x"),
    "page.html:1",
    "Write {% end %} where the if ends",
  ],
  ["unclosed expression", template("\n{{ name"), "page.html:2", "Write }} where the code ends"],
  ["end of Jinja's", template("{% if name %}{% endif %}"), "Every block ends with {% end %}"],
  ["statement of Django's", template("{% url 'x' %}"), 'Write {{ reverseUrl("name") }}'],
  [
    "filter of Jinja's",
    template("{{ name | upper }}"),
    "page.html:1",
    "For x | upper write x.toUpperCase()",
  ],
  ["word of Python's", template("{% if not name %}{% end %}"), "page.html:1", "write ! for not"],
  ["name that is not there", template("{{ naem }}"), "page.html:1", 'Did you mean "name"?'],
  [
    "template that is no file of a loader",
    () => new Template("{% include 'x.html' %}").generate(),
    "the template has no loader",
    "new Template(source, { loader })",
  ],
  // ---- servers
  [
    "port in quotes",
    () => new Application().listen(untyped("8888")),
    'port "8888"',
    "a whole number from 0 to 65535",
  ],
  [
    "options for a port",
    () => new Application().listen(untyped({ port: 8888 })),
    "listen(8888, { … })",
  ],
  [
    "port in use",
    () =>
      whileServing(new Application(), (port) => {
        new Application().listen(port, { hostname: "127.0.0.1" });
      }),
    "Cannot listen on 127.0.0.1:",
    "end that one, or take another port",
  ],
  [
    "missing permission",
    barred,
    'Requires net access to "0.0.0.0:0"',
    "--allow-net",
    "barred_server.ts:4",
  ],
  [
    "listening twice",
    () => {
      const app = new Application();
      return whileServing(app, (port) => void app.listen(port, { hostname: "127.0.0.1" }));
    },
    "another server has the port",
  ],
  // ---- WebSockets
  [
    "WebSocket of another origin",
    asked(() => new Application([["/", Room]]), "/", {
      headers: { Upgrade: "websocket", Connection: "Upgrade", Origin: "https://evil.example" },
    }),
    "403 GET /",
    '"https://evil.example" is not that of the host "localhost"',
    "override checkOrigin() of Room",
  ],
  ["WebSocket without onMessage", inWebSocket(Room), "GET /room", "Room has no onMessage()"],
  [
    "write in a WebSocket",
    inWebSocket(
      class extends WebSocketHandler {
        override onMessage() {
          this.write("hello");
        }
      },
    ),
    "Cannot write(): the connection is a WebSocket now; use writeMessage()",
  ],
  ["WebSocket opened as a page", asked(() => new Application([["/", Room]])), "new WebSocket("],
  // ---- static files
  [
    "static route without a group",
    route("/static/", StaticFileHandler, { path: "." }),
    'the pattern "/static/"',
    'write "/static/(.*)"',
  ],
  [
    "static route without a path",
    route("/static/*", StaticFileHandler),
    'without "path"',
    'write ["/static/*", StaticFileHandler, { path: … }]',
  ],
  [
    "folder of static files that is not there",
    () => whileServing(new Application([], { staticPath: "/no/such/folder" }), () => {}),
    "static files from /no/such/folder: there is no such directory; make it",
  ],
  [
    "staticUrl without the setting",
    inHandler((page) => page.staticUrl("a.css")),
    'set "staticPath" in the application\'s settings',
  ],
  // ---- others
  [
    "middleware without a return",
    asked(() =>
      new Application([["/", Main]], {
        middleware: [untyped(async function gate(_: Request, next: () => unknown) {
          await next();
        })],
      })
    ),
    'in middleware gate: GET "/"',
    "a middleware returns what next() gives",
  ],
  [
    "period as text",
    () => new PeriodicCallback(() => {}, untyped("1s")),
    'period "1s"',
    "write 1000",
  ],
  [
    "function in a session",
    asked(() =>
      new Application([[
        "/",
        class extends SessionMixin(RequestHandler) {
          override get() {
            this.session.set("f", untyped(() => {}));
          }
        },
      ]], { cookieSecret: "c".repeat(32) })
    ),
    'in the session as "f"',
    "JSON has no such value",
  ],
];

for (const [what, attempt, ...said] of MISTAKES) {
  Deno.test(`${what} is told with the way out`, async () => {
    const path = await Deno.makeTempFile();
    try {
      using _logging = configureLogging({ file: path });
      const thrown = await textOf(attempt);
      const text = () => `${thrown}\n${Deno.readTextFileSync(path)}`;
      const isSaid = () => said.every((part) => text().includes(part));
      if (await poll(isSaid, { timeout: 5_000 })) return;
      const missing = said.filter((part) => !text().includes(part));
      throw new AssertionError(`Expected ${missing.join(" and ")} in:\n${text()}`);
    } finally {
      await Deno.remove(path);
    }
  });
}

/** What an attempt throws, as it would be shown. */
async function textOf(attempt: Attempt): Promise<string> {
  try {
    await attempt();
    return "";
  } catch (error) {
    return String(error);
  }
}

Deno.test("a method without override does what it would with it", async () => {
  const Page = untyped<typeof RequestHandler>(
    new Function("Base", "return class Page extends Base { get() { this.write('ok'); } }")(
      RequestHandler,
    ),
  );
  const response = await new Application([["/", Page]]).fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), "ok");
});
