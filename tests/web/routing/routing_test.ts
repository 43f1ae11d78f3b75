import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import type { HTTPServerRequest } from "../../../src/web/request/http_server_request.ts";
import { AnyMatches, HostMatches, PathMatches } from "../../../src/web/routing/matchers.ts";
import { ErrorHandler } from "../../../src/web/error_handler.ts";
import { FallbackHandler } from "../../../src/web/fallback_handler.ts";
import { RedirectHandler } from "../../../src/web/redirect_handler.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import {
  type Route,
  type RoutePattern,
  type Router,
  Rule,
  RuleRouter,
  url,
} from "../../../src/web/routing/routing.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays, type Fetch } from "../../support/serve.ts";

class NameHandler extends RequestHandler {
  #name = "";
  override initialize({ name = "none" }: { name?: string }) {
    this.#name = name;
  }
  override get(...args: string[]) {
    this.write([this.#name, ...args].join(" "));
  }
}

/** A route to a handler that answers with the pattern's name. */
function to(pattern: RoutePattern, name: string): Route {
  return [pattern, NameHandler, { name }];
}

/** What the route that matched is called, with its groups; the status if none did. */
async function answer(fetch: Fetch, path: string, host?: string): Promise<string> {
  const response = await fetch(path, host === undefined ? {} : { headers: { host } });
  return response.status === 200 ? await response.text() : `${response.status}`;
}

const PATTERNS: readonly Route[] = [
  to("/", "root"),
  to("/about", "literal"),
  to("/about/", "slash"),
  to("/user/:id", "segment"),
  to("/user/:id(\\d+)/edit", "regexp segment"),
  to("/post/(\\d+)", "group"),
  to("/post/([a-z]+)/(\\d+)", "groups"),
  to("/files/*", "rest"),
  to("/v:major.:minor", "within"),
  to("/caf\u00e9", "not ASCII"),
  to("/a\\:b", "colon"),
  to("/a.b", "dot"),
  to("/a b", "space"),
  to("/end$", "dollar"),
  to("/(?:x|y)/z", "no capture"),
  to(/\/re\/(\d+)/i, "RegExp"),
  to(/\/sticky/gy, "sticky"),
  to(new URLPattern({ pathname: "/url/:a/:b" }), "URLPattern"),
];

const MATCHES: Record<string, string> = {
  "/": "root",
  "/about": "literal",
  "/about/": "slash",
  "/about?x": "literal",
  "/About": "404",
  "/about/x": "404",
  "/abou": "404",
  "/user/7": "segment 7",
  "/user/": "404",
  "/user/a/b": "404",
  "/user/a%2Fb": "segment a/b",
  "/user/7/edit": "regexp segment 7",
  "/user/x/edit": "404",
  "/post/12": "group 12",
  "/post/12x": "404",
  "/post/abc/5": "groups abc 5",
  "/files/": "rest ",
  "/files/a/b": "rest a/b",
  "/files": "404",
  "/v1.2": "within 1 2",
  "/v12": "404",
  "/caf%C3%A9": "not ASCII",
  "/a:b": "colon",
  "/a.b": "dot",
  "/axb": "404",
  "/a%20b": "space",
  "/end": "dollar",
  "/end$": "404",
  "/x/z": "no capture",
  "/y/z": "no capture",
  "/RE/5": "RegExp 5",
  "/re/5/": "404",
  "/sticky": "sticky",
  "/url/1/2": "URLPattern 1 2",
  "//about": "404",
  "/%61bout": "404",
};

bothWays("patterns match whole paths", PATTERNS, async (fetch) => {
  // Twice: no pattern may keep a state.
  for (let i = 0; i < 2; i++) {
    for (const [path, expected] of Object.entries(MATCHES)) {
      assertEquals([path, await answer(fetch, path)], [path, expected]);
    }
  }
});

bothWays("first route that matches wins, in the order written", [
  to("/a/:x", "segment"),
  to("/a/b", "literal, too late"),
  to("/c/d", "literal"),
  to("/c/:x", "segment"),
  to(/\/e\/.*/, "RegExp"),
  to("/e/f", "literal, too late"),
  to("/*", "rest"),
  to("/g", "never"),
], async (fetch) => {
  const expected = {
    "/a/b": "segment b",
    "/c/d": "literal",
    "/c/e": "segment e",
    "/e/f": "RegExp",
    "/g": "rest g",
    "/": "rest ",
  };
  for (const [path, name] of Object.entries(expected)) {
    assertEquals(await answer(fetch, path), name);
  }
});

bothWays("request that no route matches is a 404", [to("/a", "a")], async (fetch) => {
  using records = captureLogs();
  for (const method of ["GET", "POST", "PURGE"]) {
    const response = await fetch("/none", { method });
    assertEquals([response.status, (await response.text()).includes("404: Not Found")], [
      404,
      true,
    ]);
  }
  assertEquals(records.messages("gustnado.general").length, 0);
});

bothWays("application without routes is a 404", [], async (fetch) => {
  assertEquals((await fetch("/")).status, 404);
});

bothWays("defaultHandlerClass answers what no route matches", () => {
  class Lost extends RequestHandler {
    override initialize({ message }: { message: string }) {
      this.setHeader("X-Message", message);
    }
    override prepare() {
      throw new HTTPError(404);
    }
    override writeError(status: number) {
      this.finish(`lost: ${status}`);
    }
  }
  return new Application([to("/a", "a")], {
    defaultHandlerClass: Lost,
    defaultHandlerArgs: { message: "hello" },
  });
}, async (fetch) => {
  const response = await fetch("/b");
  assertEquals([response.status, await response.text()], [404, "lost: 404"]);
  assertEquals(response.headers.get("x-message"), null);
});

// ---- routers within routers

bothWays("list of routes is tried in its place, and falls through", [
  [/\/a.*/, [to("/a/1", "nested 1"), [/.*/, [to("/a/2", "nested twice")]]]],
  to("/a/3", "after the list"),
  [/\/b.*/, []],
  to("/b", "after the empty list"),
], async (fetch) => {
  assertEquals(await answer(fetch, "/a/1"), "nested 1");
  assertEquals(await answer(fetch, "/a/2"), "nested twice");
  assertEquals(await answer(fetch, "/a/3"), "after the list");
  assertEquals(await answer(fetch, "/b"), "after the empty list");
  assertEquals(await answer(fetch, "/a/4"), "404");
});

bothWays("nested application answers with its own settings, errors included", () => {
  class Inner extends Application {
    readonly word = "inner";
  }
  class InnerHandler extends RequestHandler<Inner> {
    override get() {
      this.write(
        `${this.application.word} ${this.settings.loginUrl} ${this.getArguments("a").length}`,
      );
    }
  }
  const inner = new Inner([["/inner/a", InnerHandler]], {
    loginUrl: "/inner-login",
    serveTraceback: true,
    maxArguments: 2,
    defaultHandlerClass: class extends RequestHandler {
      override prepare() {
        this.setStatus(404);
        this.finish(`inner 404 ${this.settings.loginUrl}`);
      }
    },
  });
  return new Application([["/inner/*", inner], [/.*/, NameHandler]], { loginUrl: "/outer-login" });
}, async (fetch) => {
  using records = captureLogs();
  assertEquals(await (await fetch("/inner/a?a=1&a=2")).text(), "inner /inner-login 2");
  const lost = await fetch("/inner/lost");
  assertEquals([lost.status, await lost.text()], [404, "inner 404 /inner-login"]);
  const many = await fetch("/inner/a?a=1&a=2&a=3");
  assertEquals([many.status, many.headers.get("content-type")], [400, "text/plain; charset=UTF-8"]);
  await expectLog(records, "warning", /more than 2 fields/);
  await many.body?.cancel();
});

class PrefixRouter implements Router {
  findHandler(request: HTTPServerRequest) {
    if (!request.path.startsWith("/own/")) return null;
    const args = [request.path.slice(5)];
    return { handlerClass: NameHandler, args: { name: "own" }, groups: { args, kwargs: null } };
  }
  reverseUrl(name: string, ...args: unknown[]) {
    return name === "own" ? `/own/${args.join()}` : null;
  }
}

bothWays("router of one's own finds handlers, and reverses", () => {
  return new Application([[/.*/, new PrefixRouter()], to("/other", "other")]);
}, async (fetch) => {
  assertEquals(await answer(fetch, "/own/x"), "own x");
  assertEquals(await answer(fetch, "/other"), "other");
  const app = new Application([[/.*/, new PrefixRouter()]]);
  assertEquals(app.reverseUrl("own", 1), "/own/1");
});

for (
  const [what, found, message] of [
    ["throws", () => {
      throw new Error("in findHandler");
    }, /in findHandler/],
    [
      "gives rubbish",
      () => ({}),
      /Cannot route by an object of class Object of Object\.findHandler/,
    ],
    ["gives a class that is no handler", () => ({
      handlerClass: class {},
      args: {},
      groups: { args: [], kwargs: null },
    }), /it is not a handler class/],
  ] as const
) {
  bothWays(`router that ${what} is a 500, and the application lives`, () => {
    const router = { findHandler: found as () => null };
    return new Application([["/ok", NameHandler], [/.*/, router]]);
  }, async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/x")).status, 500);
    await expectLog(records, "error", message);
    assertEquals((await fetch("/ok")).status, 200);
  });
}

bothWays("matcher of one's own matches by anything", [
  [
    {
      match: (request: HTTPServerRequest) =>
        request.header("x-beta") === null
          ? null
          : { args: [], kwargs: { version: request.header("x-beta") ?? undefined } },
    },
    class extends RequestHandler {
      override get() {
        this.write(`beta ${this.pathKwargs.version}`);
      }
    },
  ],
  [new AnyMatches(), NameHandler, { name: "any" }],
], async (fetch) => {
  assertEquals(await (await fetch("/", { headers: { "x-beta": "2" } })).text(), "beta 2");
  assertEquals(await answer(fetch, "/"), "any");
});

bothWays("matcher that fails is a 500", [
  [{
    match: () => {
      throw new Error("in match");
    },
  }, NameHandler],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /in match/);
});

bothWays("rules may be written as Rule, url and tuple alike", [
  new Rule("/rule", NameHandler, { args: { name: "rule" } }),
  url("/url", NameHandler, { args: { name: "url" } }),
  to("/tuple", "tuple"),
], async (fetch) => {
  for (const name of ["rule", "url", "tuple"]) assertEquals(await answer(fetch, `/${name}`), name);
});

Deno.test("default handler is checked as that of a route", () => {
  const settings: [ApplicationSettings, string][] = [
    [
      { defaultHandlerClass: RedirectHandler },
      'Cannot use RedirectHandler as "defaultHandlerClass" without "url": set "defaultHandlerArgs"',
    ],
    [
      { defaultHandlerClass: RedirectHandler, defaultHandlerArgs: { url: "/", code: 302 } },
      'Unknown argument in "defaultHandlerArgs" for RedirectHandler "code"',
    ],
    [
      { defaultHandlerClass: ErrorHandler, defaultHandlerArgs: { statusCode: "404" } },
      'Cannot use "404" as the argument in "defaultHandlerArgs" for ErrorHandler "statusCode"',
    ],
    [{ defaultHandlerArgs: { status: 404 } }, "for ErrorHandler"],
    [{ defaultHandlerArgs: [] }, 'as the setting "defaultHandlerArgs": expected an object'],
    [
      { defaultHandlerClass: StaticFileHandler, defaultHandlerArgs: { path: "." } },
      'Cannot use StaticFileHandler as "defaultHandlerClass": no group takes the name of the file; ' +
      'write the route ["/(.*)", StaticFileHandler, …] last',
    ],
  ];
  for (const [each, message] of settings) {
    assertThrows(() => new Application([], each), TypeError, message);
  }
  new Application([], {
    defaultHandlerClass: ErrorHandler,
    defaultHandlerArgs: { statusCode: 410 },
  });
});

// ---- hosts

bothWays('host pattern ".*" of Tornado\'s applications matches every host', () => {
  const app = new Application([to("/", "late")]);
  app.addHandlers(".*", [to("/", "any")]);
  return app;
}, async (fetch) => assertEquals(await answer(fetch, "/"), "any"));

Deno.test("host pattern that could match no host says what to write", () => {
  const app = new Application([]);
  const patterns: [pattern: string, message: string][] = [
    ["www\\.example\\.com", "write the RegExp /www\\.example\\.com/"],
    ["(a|b).example.com", "write the RegExp /(a|b).example.com/"],
    ["^example.com$", "write the RegExp"],
    [".*\\.example\\.com", "write the RegExp"],
    [".*.example.com", 'write "*.example.com"'],
    ["example.com:8888", 'it is compared without a port; write "example.com"'],
    ["https://example.com", 'it is a host, not a URL; write "example.com"'],
    ["", "no host is empty"],
  ];
  for (const [pattern, message] of patterns) {
    const error = assertThrows(() => app.addHandlers(pattern, []), SyntaxError, message);
    assertStringIncludes(error.message, `Cannot match hosts by ${JSON.stringify(pattern)}`);
  }
  for (const pattern of ["[::1]", "example.*", "*", "xn--n3h.example", "local_host"]) {
    app.addHandlers(pattern, []);
  }
});

const onHosts = (defaultHost?: string) => () => {
  const app = new Application(
    [to("/", "any host"), to("/any", "any")],
    defaultHost === undefined ? {} : { defaultHost },
  );
  app.addHandlers("www.example.com", [to("/", "www"), to("/both", "www both")]);
  app.addHandlers("*.example.com", [
    to("/", "sub"),
    to("/both", "sub both"),
    to("/sub", "sub only"),
  ]);
  app.addHandlers(/(a|b)\.org/, [to("/", "org")]);
  return app;
};

const HOSTS: [host: string, path: string, name: string][] = [
  ["www.example.com", "/", "www"],
  ["WWW.Example.COM:8080", "/", "www"],
  ["www.example.com", "/sub", "sub only"],
  ["www.example.com", "/both", "www both"],
  ["mail.example.com", "/both", "sub both"],
  ["a.b.example.com", "/", "sub"],
  ["example.com", "/", "any host"],
  ["www.example.com.evil.org", "/", "any host"],
  ["wwwxexample.com", "/", "any host"],
  ["a.org", "/", "org"],
  ["aa.org", "/", "any host"],
  ["www.example.com", "/any", "any"],
  ["www.example.com", "/none", "404"],
  ["[::1]:80", "/", "any host"],
];

Deno.test("routes of a host come before those of the application, in their order", async () => {
  const app = onHosts()();
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  for (const [host, path, name] of HOSTS) {
    assertEquals([host, path, await answer(fetch, path, host)], [host, path, name]);
  }
});

Deno.test("defaultHost has its routes on unknown hosts, unless a proxy says otherwise", async () => {
  const app = onHosts("www.example.com")();
  const ask = async (headers: HeadersInit, path: string) =>
    await (await app.fetch(new Request(`http://localhost${path}`, { headers }))).text();
  assertEquals(await ask({ host: "unknown.net" }, "/both"), "www both");
  assertEquals(await ask({ host: "unknown.net" }, "/"), "any host");
  assert((await ask({ host: "unknown.net", "x-real-ip": "4.4.4.4" }, "/both")).includes("404"));
  assertEquals(await ask({ host: "a.org" }, "/any"), "any");
  assert((await ask({ host: "a.org" }, "/both")).includes("404"));
});

Deno.test("HostMatches is a matcher like any other", async () => {
  const app = new Application([
    [new HostMatches("a.example"), [to("/", "a")]],
    [new HostMatches(/b\..*/), NameHandler, { name: "b" }],
  ]);
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  assertEquals(await answer(fetch, "/", "a.example"), "a");
  assertEquals(await answer(fetch, "/", "b.example"), "b");
  assertEquals(await answer(fetch, "/", "c.example"), "404");
});

Deno.test("URLPattern may match the host and the scheme", async () => {
  const app = new Application([
    [
      new URLPattern({ protocol: "http", hostname: "api.example", pathname: "/:name" }),
      NameHandler,
      { name: "api" },
    ],
  ]);
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  assertEquals(await answer(fetch, "/x", "api.example"), "api x");
  assertEquals(await answer(fetch, "/x", "other.example"), "404");
});

// ---- reverse

const named = new Application([
  url("/", NameHandler, { name: "home" }),
  url("/user/:id", NameHandler, { name: "user" }),
  url("/n/(\\d+)/(.*)", NameHandler, { name: "number" }),
  url("/files/*", NameHandler, { name: "files" }),
  url("/caf\u00e9/:x", NameHandler, { name: "café" }),
  url(/\/re/, NameHandler, { name: "re" }),
  ["/nested/*", [["/nested/:x", NameHandler, {}, "nested"]]],
  ["/app/*", new Application([["/app/:x", NameHandler, {}, "mounted"]])],
  url({ match: () => null }, NameHandler, { name: "custom" }),
]);
named.addHandlers("a.example", [url("/host", NameHandler, { name: "host" })]);

const REVERSED: [name: string, args: unknown[], path: string][] = [
  ["home", [], "/"],
  ["user", [7], "/user/7"],
  ["user", ["a b/c?é"], "/user/a%20b%2Fc%3F%C3%A9"],
  ["user", ["\ud800"], "/user/%EF%BF%BD"],
  ["number", [1, "a/b c"], "/n/1/a/b%20c"],
  ["files", ["a/b"], "/files/a/b"],
  ["files", [""], "/files/"],
  ["café", ["x"], "/caf%C3%A9/x"],
  ["nested", ["x"], "/nested/x"],
  ["host", [], "/host"],
];

Deno.test("reverseUrl writes the path of a named route", () => {
  for (const [name, args, path] of REVERSED) assertEquals(named.reverseUrl(name, ...args), path);
});

Deno.test("reverseUrl finds the routes of mounted applications", () => {
  assertEquals(named.reverseUrl("mounted", "x"), "/app/x");
});

const IRREVERSIBLE: [name: string, args: unknown[], error: typeof Error, message: string][] = [
  ["none", [], Error, 'Cannot reverse "none": no route has this name'],
  ["user", [], TypeError, 'Cannot reverse "/user/:id": it has 1 group, got 0 arguments'],
  ["user", [1, 2], TypeError, "it has 1 group, got 2 arguments"],
  ["user", [""], TypeError, 'the arguments make "/user/", which it does not match'],
  ["number", ["x", "y"], TypeError, "which it does not match"],
  ["re", [], TypeError, "name a route with a string pattern"],
  ["custom", [], Error, "no route has this name"],
];

for (const [name, args, error, message] of IRREVERSIBLE) {
  Deno.test(`reverseUrl(${JSON.stringify([name, ...args]).slice(1, -1)}) is an error`, () => {
    assertThrows(() => named.reverseUrl(name, ...args), error, message);
  });
}

bothWays("handler reverses the routes of its application", [
  url("/user/:id", NameHandler, { name: "user" }),
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.write(this.reverseUrl("user", 5));
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "/user/5");
});

// ---- malformed routes

const MALFORMED: [pattern: string, message: string][] = [
  ["/a(b", 'Cannot compile the pattern "/a(b": the "(" at 2 is not closed'],
  ["/a)b", '")" at 2 is not literal text; put a regular expression in parentheses'],
  ["/a[b]", '"[" at 2 is not literal text'],
  ["/a?", '"?" at 2'],
  ["/a+.*", '"." at 3'],
  ["/a.*b", '"." at 2'],
  ["/*/b", '"*" at 1'],
  ["/a\\d", '"\\" at 2'],
  ["^/a", '"^" at 0'],
  ["/a|b", '"|" at 2'],
  ["/(a", "is not closed"],
  ["/([)", "is not closed"],
  ["/(*)", "Invalid regular expression"],
  ["/:a/:a", "Duplicate capture group name"],
  ["/user/(?P<id>\\d+)", 'write "(?<id>…)", or ":id" for a segment'],
  ["/user/<id>", '"<" at 6 is not literal text; a segment as a group is written ":id"'],
  ["/user/<int:id>", 'a segment as a group is written ":id"'],
  ["/user/{id}", '"{" at 6 is not literal text; a segment as a group is written ":id"'],
  ["/user/{id:[0-9]+}", 'a segment as a group is written ":id"'],
  ["/user/?", 'for both, with the slash and without, write "/user(?:/?)"'],
  ["about", 'Cannot compile the pattern "about": a path begins with "/"; write "/about"'],
  [":id", 'a path begins with "/"; write "/:id"'],
  ["", 'a path begins with "/"; write "/"'],
  ["/(.*)a(.*)b(?!x)", "a long path could keep it busy for minutes"],
  ["/((?:a*)*)b", "a long path could keep it busy for minutes"],
];

for (const [pattern, message] of MALFORMED) {
  Deno.test(`pattern ${pattern} is a SyntaxError that says why`, () => {
    assertThrows(() => new Application([[pattern, NameHandler]]), SyntaxError, message);
  });
}

Deno.test("routes that are none are a TypeError that says what they may be", () => {
  const routes: [unknown, string][] = [
    [["/", undefined], 'Cannot route "/" to undefined: a class is undefined while modules'],
    [["/", "text"], 'Cannot route "/" to "text"'],
    [["/", {}], 'Cannot route "/" to an object of class Object'],
    [[5, NameHandler], "Cannot route by 5: expected a string, a RegExp, a URLPattern or a Matcher"],
    [[undefined, NameHandler], "Cannot route by undefined"],
    [
      "/",
      'Cannot use "/" as a route: expected [pattern, target, args?, name?] or a Rule; ' +
      'write a list of routes, [["/", target]]',
    ],
    [
      ["/a", NameHandler, "name"],
      'Cannot use "name" as the arguments of the route "/a": expected an object; the name of a ' +
      'route comes fourth, as in [pattern, target, {}, "name"]',
    ],
    [
      ["/a", NameHandler, ["x"]],
      'Cannot use ["x"] as the option of the route "/a" "args": expected an object for initialize()',
    ],
    [["/a", NameHandler, {}, 5], 'Cannot use 5 as the option of the route "/a" "name"'],
    [["/a", NameHandler, {}, "a", 5], "Cannot use a route of 5 parts"],
    [
      ["/a", [], { name: "x" }],
      'Cannot hand arguments to what the route "/a" leads to: only a handler takes some',
    ],
    [
      ["/a", Object.create(NameHandler.prototype)],
      'Cannot route "/a" to an instance of NameHandler: every request gets an instance of its own; ' +
      "pass the class itself",
    ],
    [
      ["/a", class Plain {}],
      'Cannot route "/a" to the class Plain: it is no handler; derive it from RequestHandler',
    ],
    [
      ["/a", { get() {} }],
      'Cannot route "/a" to an object of class Object: expected a handler class',
    ],
    [["/a", { findHandler: 5 }], 'Cannot route "/a" to an object of class Object'],
    [["/a", RedirectHandler, { to: "/" }], 'Unknown argument of the route "/a" to RedirectHandler'],
    [["/a", RedirectHandler], 'Cannot route "/a" to RedirectHandler without "url"'],
    [["/a", RedirectHandler, { url: "/", permanent: 1 }], "expected a boolean"],
    [["/a", FallbackHandler, { fallback: "/" }], "expected a function"],
    [["/a", FallbackHandler], 'Cannot route "/a" to FallbackHandler without "fallback"'],
    [["/a", ErrorHandler, { status_code: 404 }], 'it is spelled "statusCode"'],
    [["/a", ErrorHandler, { statusCode: 42 }], "expected an integer from 200 to 599"],
    [
      ["/a", StaticFileHandler, { path: "." }],
      'Cannot serve static files by the pattern "/a": it has no group that takes the name of the ' +
      'file; write "/a/(.*)"',
    ],
    [[/\/a/, StaticFileHandler, { path: "." }], "it has no group"],
    [["/a/(.*)", StaticFileHandler], 'to StaticFileHandler without "path"'],
    [["/a/(.*)", StaticFileHandler, { path: 5 }], "expected a string"],
    [["/a/(.*)", StaticFileHandler, { path: ".", default_filename: "x" }], "defaultFilename"],
    [{}, "Cannot use an object of class Object as a route"],
    [
      NameHandler,
      "Cannot use the function NameHandler as a route: expected " +
      '[pattern, target, args?, name?] or a Rule; write ["/", NameHandler]',
    ],
  ];
  for (const [route, message] of routes) {
    assertThrows(() => new Application([route as Route]), TypeError, message);
  }
});

Deno.test("handler class of one's own takes what arguments it likes", async () => {
  class Moved extends RedirectHandler {
    override initialize({ page = "" }: { url: string; page?: string }) {
      super.initialize({ url: `/new/${page}` });
    }
  }
  class Index extends StaticFileHandler {
    override get() {
      return super.get("index.html");
    }
  }
  const app = new Application([
    ["/old", Moved, { page: "a" }],
    ["/index", Index, { path: "/nowhere" }],
  ]);
  const response = await app.fetch(new Request("http://localhost/old"));
  assertEquals(response.headers.get("location"), "/new/a");
});

Deno.test("two routes of one name are a TypeError", () => {
  const route = (path: string): Route => [path, NameHandler, {}, "page"];
  const message = 'Cannot name two routes "page": reverseUrl() could give only one of them';
  const twice: Route[][] = [
    [route("/a"), route("/b")],
    [route("/a"), ["/b/(.*)", [route("/b/c")]]],
    [route("/a"), ["/b/(.*)", new RuleRouter([route("/b/c")])]],
  ];
  for (const routes of twice) assertThrows(() => new Application(routes), TypeError, message);
  const router = new RuleRouter([route("/a")]);
  assertThrows(() => router.addRules([route("/b")]), TypeError, message);
  assertEquals(router.reverseUrl("page"), "/a");
});

Deno.test("routes of different hosts and applications may have one name", () => {
  const route: Route = ["/a", NameHandler, {}, "page"];
  const app = new Application([route, ["/b/(.*)", new Application([route])]]);
  app.addHandlers("a.example", [route]);
  app.addHandlers("b.example", [route]);
  assertEquals(app.reverseUrl("page"), "/a");
});

Deno.test("path of 20 KB is matched at once by patterns whose groups overlap", async () => {
  const path = `/${"a/b".repeat(7_000)}`;
  const patterns: RoutePattern[] = [
    "/(.*)a(.*)b(.*)x",
    "/:first/*",
    "/(.*)/(.*)/(.*)/edit",
    "/:name([\\w/]+)/b:rest(.*)/c",
    /\/(.*)a(.*)b(.*)x/,
    /(?:\/|\/a|[ab])*x/i,
  ];
  for (const pattern of patterns) {
    const app = new Application([to(pattern, "found")]);
    const start = performance.now();
    const response = await app.fetch(new Request(`http://localhost${path}`));
    assert(performance.now() - start < 2_000, `${pattern}`);
    assertEquals(response.status, pattern === "/:first/*" ? 200 : 404);
  }
});

Deno.test("groups that overlap take as much as they can, the first one first", async () => {
  const app = new Application([to("/:a(.*)/x(.*)/y*", "found")]);
  const fetch = (path: string) =>
    Promise.resolve(app.fetch(new Request(`http://localhost${path}`)));
  assertEquals(await answer(fetch, "/1/x/x2/y3/y4"), "found 1/x 2/y3 4");
  assertEquals(await answer(fetch, "/1/x2/y"), "found 1 2 ");
  assertEquals(await answer(fetch, "/1/x2"), "404");
});

Deno.test("RegExp or URLPattern that could take minutes is a SyntaxError", () => {
  const patterns: RoutePattern[] = [
    /\/(.*)\/(.*)\1/,
    new URLPattern({ pathname: "/*/a/*/b" }),
    new URLPattern({ pathname: "/:a(.*)/x/:b([^y]*)/z" }),
    new URLPattern({ pathname: "/", search: "*a*b" }),
    new URLPattern({ pathname: "/(\\d+){-}?(\\d+)" }),
    new URLPattern({ pathname: "/{:a}+" }),
    new URLPattern({ pathname: "/:a*/b/:c+" }),
  ];
  for (const pattern of patterns) {
    assertThrows(() => new PathOrUrl(pattern), SyntaxError, "for minutes");
  }
  const fine: RoutePattern[] = [
    new URLPattern({ pathname: "/:a/:b(\\d+)/*" }),
    new URLPattern({ pathname: "/{b/}?:c?" }),
    new URLPattern({ pathname: "/files/:path*" }),
    new URLPattern({ pathname: "/:user/(\\d+)?/:path+" }),
    new URLPattern({ pathname: "/caf\\:e/:a([^/]+)\\.(html|json)" }),
  ];
  for (const pattern of fine) new PathOrUrl(pattern);
});

class PathOrUrl extends Rule {
  constructor(pattern: RoutePattern) {
    super(pattern, NameHandler);
  }
}

Deno.test("host pattern with many stars is matched at once", () => {
  const matcher = new HostMatches("*a*a*a*a*a*a*b");
  const start = performance.now();
  assertEquals(matcher.matches("a".repeat(250)), false);
  assertEquals(matcher.matches(`${"a".repeat(250)}b`), true);
  assert(performance.now() - start < 2_000);
});

Deno.test("string pattern tells what its paths begin with", () => {
  const prefix = (pattern: string | RegExp) => {
    const { prefix, literal } = new PathMatches(pattern);
    return [prefix, literal];
  };
  assertEquals(prefix("/a/b"), ["/a/b", true]);
  assertEquals(prefix("/a/:b"), ["/a/", false]);
  assertEquals(prefix("(.*)"), ["", false]);
  assertEquals(prefix(/\/a/), ["", false]);
});

Deno.test("router takes more rules later", async () => {
  const router = new RuleRouter([to("/a", "a")]);
  const app = new Application([[/.*/, router]]);
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  assertEquals(await answer(fetch, "/b"), "404");
  router.addRules([to("/b", "b")]);
  assertEquals(await answer(fetch, "/b"), "b");
});

Deno.test("rules can be added before those that are there", async () => {
  const router = new RuleRouter([to("/(.*)", "rest")]);
  const app = new Application([[/.*/, router]]);
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  assertEquals(await answer(fetch, "/b"), "rest b");
  router.addRules([to("/a", "a"), to("/b", "b")], { first: true });
  assertEquals(await answer(fetch, "/b"), "b");
  assertEquals(await answer(fetch, "/c"), "rest c");
});
