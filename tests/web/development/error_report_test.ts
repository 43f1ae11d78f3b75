import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HTTPError } from "../../../src/web/http_error.ts";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { ValidationError } from "../../../src/web/validation.ts";
import type { Route } from "../../../src/web/routing/routing.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";

const BROWSER = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

class Windy extends RequestHandler {
  override get(_id: string) {
    throw new RangeError("too <windy>", { cause: new TypeError("a gust") }); // marked
  }
  override post(_id: string) {
    throw new RangeError("too <windy>");
  }
}

class Refusing extends RequestHandler {
  override get() {
    throw new HTTPError(410, { logMessage: "It has <moved>" });
  }
}

class Throwing extends RequestHandler {
  override get() {
    // deno-lint-ignore no-throw-literal -- what is thrown may be anything
    throw { toString: null };
  }
}

const ROUTES: Route[] = [["/wind/:id", Windy], ["/gone", Refusing], ["/odd", Throwing]];

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function ask(
  path: string,
  init: RequestInit = {},
  settings: ApplicationSettings = {},
): Promise<Answer> {
  const app = new Application(ROUTES, { debug: true, ...settings });
  const response = await app.fetch(new Request(`http://localhost${path}`, init));
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, text: await response.text() };
}

Deno.test("page shows the error, its line marked, its cause, and the route", async () => {
  using records = captureLogs();
  const { status, type, text } = await ask("/wind/7", { headers: BROWSER });
  assertEquals([status, type], [500, "text/html; charset=UTF-8"]);
  assertStringIncludes(text, "too &lt;windy&gt;");
  assertMatch(text, /class="marked"><i>[^<]*<\/i>[^<]*too &lt;windy&gt;[^<]*\/\/ marked/);
  assertStringIncludes(text, "Caused by TypeError");
  assertStringIncludes(text, "/wind/:id");
  assertStringIncludes(text, "Windy.get()");
  assertEquals(text.match(/<script/g)?.length, 1, "the one that loads the page again");
  await expectLog(records, "error", /RangeError/);
});

Deno.test("who takes anything gets text, and who prefers JSON gets that", async () => {
  using records = captureLogs();
  const text = await ask("/wind/7", { headers: { Accept: "*/*" } });
  assertEquals(text.type, "text/plain; charset=UTF-8");
  assertMatch(
    text.text,
    /^500: Internal Server Error\n\nRangeError: too <windy>\n {4}at Windy\.get/,
  );
  assertMatch(text.text, /^> +\d+ \| .*\/\/ marked$/m);
  await expectLog(records, "error", /RangeError/);
  const json = await ask("/wind/7", { headers: { Accept: "application/json" } });
  assertEquals(json.type, "application/json; charset=UTF-8");
  const { status, errors, route } = JSON.parse(json.text);
  assertEquals(status, 500);
  assertEquals(
    errors.map(({ name, message }: { name: string; message: string }) => [name, message]),
    [
      ["RangeError", "too <windy>"],
      ["TypeError", "a gust"],
    ],
  );
  assertEquals(route, { pattern: "/wind/:id", handler: "Windy.get()", groups: 'id: "7"' });
  await expectLog(records, "error", /RangeError/);
});

Deno.test("outside debug nothing of it is shown, whatever the client asks for", async () => {
  using records = captureLogs();
  for (const settings of [{ debug: false }, { debug: true, serveTraceback: false }]) {
    for (const Accept of ["text/html", "*/*", "application/json"]) {
      for (const path of ["/wind/7", "/nowhere"]) {
        const { text } = await ask(path, { headers: { Accept } }, settings);
        for (const inner of ["windy", "/wind/:id", "Refusing", "error_report_test"]) {
          assert(!text.includes(inner), `${Accept} ${path} shows ${inner}`);
        }
      }
    }
  }
  for (let count = 0; count < 6; count++) await expectLog(records, "error", /RangeError/);
});

Deno.test("a path without a route gets the routes, the nearest first", async () => {
  for (
    const [path, first] of [["/wnid/7", "/wind/:id"], ["/gnoe", "/gone"], ["/od", "/odd"], [
      "/wnd",
      "/wind/:id",
    ]]
  ) {
    const { status, text } = await ask(path ?? "", { headers: { Accept: "application/json" } });
    assertEquals(status, 404);
    assertEquals(JSON.parse(text).routes[0].pattern, first);
  }
  const { text } = await ask("/<script>", { headers: BROWSER });
  assertStringIncludes(text, "No route matches");
  assert(!/<script>/.test(text.replace(/<script src="\/\.gustnado[^>]*>/, "")));
});

Deno.test("routes for hosts, of lists and of functions are named, too", async () => {
  const app = new Application([
    ["/api/*", [["/api/storms", Windy, {}, "storms"]]],
    ["/plain", function answer() {
      return new Response();
    }],
    [{ match: () => null }, Refusing],
  ], { debug: true });
  app.addHandlers("*.example.com", [["/shop", Refusing]]);
  const headers = { Accept: "application/json" };
  const response = await app.fetch(new Request("http://localhost/nowhere", { headers }));
  const { routes } = await response.json();
  assertEquals(
    new Set(
      routes.map((route: { pattern: string; target: string }) =>
        `${route.pattern} ${route.target}`
      ),
    ),
    new Set([
      "*.example.com /shop Refusing",
      "/api/* /api/storms Windy",
      "/plain answer",
      "(a matcher) Refusing",
    ]),
  );
});

Deno.test("an error that a handler means shows what the log says, and no stack", async () => {
  using records = captureLogs();
  const { status, text } = await ask("/gone", { headers: BROWSER });
  assertEquals(status, 410);
  assertStringIncludes(text, "It has &lt;moved&gt;");
  assert(!text.includes("Calls"));
  await expectLog(records, "warning", /moved/);
});

Deno.test("what is thrown can be anything", async () => {
  using records = captureLogs();
  const { status, text } = await ask("/odd", { headers: BROWSER });
  assertEquals(status, 500);
  assertStringIncludes(text, "an object that cannot be shown");
  await expectLog(records, "error", /Uncaught/);
});

Deno.test("secrets are hidden wherever they stand", async () => {
  using records = captureLogs();
  const settings = {
    cookieSecret: "swordfish-cookie",
    own: { database: "swordfish-own" },
    loginUrl: "https://me:swordfish-user@example.com/?api_key=swordfish-key",
  };
  const headers = {
    ...BROWSER,
    "Content-Type": "application/x-www-form-urlencoded",
    Authorization: "Bearer swordfish-auth",
    Cookie: "session=swordfish-session",
    Referer: "http://localhost/?token=swordfish-referer&page=2",
    "X-Api-Key": "swordfish-api",
    "Cf-Access-Jwt-Assertion": "swordfish-jwt",
  };
  const body = "name=Ada&password=swordfish-form&card_number=swordfish-card&cvv=swordfish-cvv" +
    "&iban=swordfish-iban&SAMLResponse=swordfish-saml";
  const path =
    "/wind/7?access_token=swordfish-query&x=visible&code=swordfish-code&jwt=swordfish-token";
  for (const Accept of ["text/html", "*/*", "application/json"]) {
    const { text } = await ask(
      path,
      { method: "POST", headers: { ...headers, Accept }, body },
      settings,
    );
    const shown = text.replace(/<pre tabindex[^]*?<\/pre>|^[> ] *\d+ \|.*$/gm, "");
    assert(!shown.includes("swordfish"), shown.match(/.{40}swordfish.*/)?.[0]);
    assertStringIncludes(text, "visible");
    await expectLog(records, "error", /RangeError/);
  }
  const { text } = await ask(path, { method: "POST", headers, body }, settings);
  for (const visible of ["Ada", "page=2", "database", "cookieSecret"]) {
    assertStringIncludes(text, visible);
  }
  await expectLog(records, "error", /RangeError/);
});

Deno.test("an error in a template shows the lines of the template", async () => {
  using records = captureLogs();
  const templatePath = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${templatePath}/page.html`, "<h1>Wind</h1>\n{{ user.name }}\n");
    class Page extends RequestHandler {
      override async get() {
        await this.render("page.html", { user: null });
      }
    }
    const app = new Application([["/", Page]], { debug: true, templatePath });
    const response = await app.fetch(new Request("http://localhost/", { headers: BROWSER }));
    const text = await response.text();
    assertStringIncludes(text, "page.html:2");
    assertMatch(text, /class="marked"><i>→ 2<\/i> {2}\{\{ user\.name \}\}/);
    await expectLog(records, "error", /TemplateError/);
  } finally {
    await Deno.remove(templatePath, { recursive: true });
  }
});

Deno.test("issues of a form have their place in the page and in JSON", async () => {
  using records = captureLogs();
  class Form extends RequestHandler {
    override get() {
      throw new ValidationError([{ message: "not <windy>", path: ["wind"] }]);
    }
  }
  const app = new Application([["/", Form]], { debug: true });
  const page = await app.fetch(new Request("http://localhost/", { headers: BROWSER }));
  assertStringIncludes(await page.text(), "not &lt;windy&gt;</li>");
  const headers = { Accept: "application/json" };
  const json = await app.fetch(new Request("http://localhost/", { headers }));
  assertEquals((await json.json()).issues, [{ message: "not <windy>", path: ["wind"] }]);
  await expectLog(records, "warning", /windy/);
  await expectLog(records, "warning", /windy/);
});

Deno.test("whatever a client sends is text", async () => {
  using records = captureLogs();
  const hostile = "</td></pre></script><img src=x onerror=alert(1)>\"'";
  const encoded = encodeURIComponent(hostile);
  const headers = {
    ...BROWSER,
    "Content-Type": "application/x-www-form-urlencoded",
    "X-Wind": hostile,
    Referer: `http://localhost/${hostile}`,
    "X-Forwarded-For": hostile,
  };
  const body = `${encoded}=${encoded}`;
  for (const path of [`/wind/${encoded}?${body}`, `/${encoded}?${body}`, `/gone?${hostile}`]) {
    const method = path.startsWith("/wind") ? "POST" : "PUT";
    const { text } = await ask(path, { method, headers, body });
    assert(!/<img|<\/script>/.test(text), text.match(/.{40}(?:<img|<\/script>)/)?.[0]);
    assertStringIncludes(text, "onerror");
  }
  await expectLog(records, "error", /RangeError/);
});

for (
  const [host, isShown] of [
    ["localhost:1", true],
    ["LOCALHOST.", true],
    ["app.localhost", true],
    ["127.0.0.1:8888", true],
    ["[::1]:8888", true],
    ["192.168.1.7", true],
    ["my-machine", true],
    ["my-machine.local", true],
    ["app.test", true],
    ["build.internal", true],
    ["printer.home.arpa", true],
    ["home.arpa.example", false],
    ["evil.example", false],
    ["localhost.evil.example:8888", false],
    ["127.0.0.1.evil.example", false],
    ["evil.example.", false],
    ["evillocalhost.example", false],
    ["xlocal.example", false],
  ] as const
) {
  Deno.test(`an error is ${isShown ? "" : "not "}shown to who asks for the host ${host}`, async () => {
    using records = captureLogs();
    await using server = serve(new Application(ROUTES, { debug: true }));
    const request = `GET /wind/1 HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: localhost\r\n` +
      "Connection: close\r\n\r\n";
    const { text } = await rawRequest(server.port, request);
    assertEquals(text.includes("too <windy>"), isShown);
    await expectLog(records, "error", /too <windy>/);
    if (!isShown) await expectLog(records, "warning", /shows nothing/);
  });
}

Deno.test("serveTraceback shows errors under any name", async () => {
  using records = captureLogs();
  await using server = serve(new Application(ROUTES, { debug: true, serveTraceback: true }));
  const { text } = await rawRequest(
    server.port,
    "GET /wind/1 HTTP/1.1\r\nHost: tunnel.example\r\nConnection: close\r\n\r\n",
  );
  assertStringIncludes(text, "too <windy>");
  await expectLog(records, "error", /too <windy>/);
});
