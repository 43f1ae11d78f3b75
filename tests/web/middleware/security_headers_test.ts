import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { DictLoader } from "../../../src/template/loaders/dict_loader.ts";
import { Application } from "../../../src/web/application.ts";
import {
  securityHeaders,
  type SecurityHeadersOptions,
} from "../../../src/web/middleware/security_headers.ts";
import { UIModule } from "../../../src/web/pages/ui_module.ts";
import type { RequestContext } from "../../../src/web/middleware/request_context.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { captureLogs } from "../../support/log_records.ts";
import { bothWays, serve } from "../../support/serve.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";

class Page extends RequestHandler {
  override get() {
    this.write(this.cspNonce);
  }
}

class Own extends RequestHandler {
  override get() {
    this.setHeader("Content-Security-Policy", "default-src *");
    this.setHeader("X-Frame-Options", "SAMEORIGIN");
    this.write("own");
  }
}

class Cached extends RequestHandler {
  override get() {
    this.setHeader("Etag", '"1"');
    this.write("cached");
  }
}

class Widget extends UIModule {
  override render() {
    return "<b>widget</b>";
  }
  override embeddedJavascript() {
    return "widget()";
  }
  override javascriptFiles() {
    return "/widget.js";
  }
  override embeddedCss() {
    return "b {}";
  }
  override cssFiles() {
    return "/widget.css";
  }
}

class Rendered extends RequestHandler {
  override get(name: string) {
    return this.render(name);
  }
}

class Streamed extends RequestHandler {
  override get() {
    return this.renderStream("page");
  }
}

class Socket extends WebSocketHandler {}

const templateLoader = new DictLoader({
  page:
    '<head></head><body><script nonce="{{ cspNonce }}">a()</script>{% module Widget() %}</body>',
  tornado: "{{ csp_nonce }}",
  form: "{% module xsrf_form_html() %}{% raw xsrfFormHtml() %}",
});

const hono = new Hono().get("/hono", (c) => c.html(`<p>${(c.env as RequestContext).cspNonce}</p>`));

const app = (options?: SecurityHeadersOptions) => () =>
  new Application([
    ["/", Page],
    ["/own", Own],
    ["/cached", Cached],
    ["/streamed", Streamed],
    ["/render/:name", Rendered],
    ["/redirect", () => Response.redirect("http://elsewhere.invalid/")],
    ["/hono", (request, info) => hono.fetch(request, info)],
    ["/ws", Socket],
  ], { middleware: [securityHeaders(options)], templateLoader, uiModules: { Widget } });

const NONCE = /^[\w+/]{24}$/;

function nonceOf({ headers }: Response): string {
  const policy = headers.get("content-security-policy") ?? "";
  const nonces = [...policy.matchAll(/'nonce-([^']*)'/g)].map(([, nonce = ""]) => nonce);
  assertEquals(new Set(nonces).size, 1);
  return nonces[0] ?? "";
}

bothWays("security headers are on every response, error pages included", app(), async (fetch) => {
  using _records = captureLogs();
  for (const path of ["/", "/none", "/%FF", "/redirect", "/hono", "/streamed"]) {
    const response = await fetch(path);
    const { headers } = response;
    const nonce = nonceOf(response);
    assertMatch(nonce, NONCE);
    assertEquals(
      headers.get("content-security-policy"),
      `default-src 'self'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; ` +
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; " +
        "frame-ancestors 'none'",
    );
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("referrer-policy"), "same-origin");
    assertEquals(headers.get("cross-origin-opener-policy"), "same-origin");
    assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    assertEquals(headers.get("cross-origin-embedder-policy"), null);
    assertMatch(headers.get("permissions-policy") ?? "", /^camera=\(\), .*microphone=\(\)/);
    assertEquals(headers.get("strict-transport-security"), null);
  }
});

bothWays(
  "nonce of handlers and fetch functions is that of the policy, and new each time",
  app(),
  async (fetch) => {
    const first = await fetch("/");
    assertEquals(await first.text(), nonceOf(first));
    const second = await fetch("/");
    assertNotEquals(nonceOf(second), nonceOf(first));
    const foreign = await fetch("/hono");
    assertEquals(await foreign.text(), `<p>${nonceOf(foreign)}</p>`);
  },
);

bothWays("nonce is in templates, and in what UI modules add to the page", app(), async (fetch) => {
  const response = await fetch("/render/page");
  const nonce = nonceOf(response);
  assertEquals(
    await response.text(),
    `<head><link href="/widget.css" type="text/css" rel="stylesheet" nonce="${nonce}"/>\n` +
      `<style type="text/css" nonce="${nonce}">\nb {}\n</style>\n</head>` +
      `<body><script nonce="${nonce}">a()</script><b>widget</b>` +
      `<script src="/widget.js" type="text/javascript" nonce="${nonce}"></script>\n` +
      `<script type="text/javascript" nonce="${nonce}">\n//<![CDATA[\nwidget()\n//]]>\n</script>\n` +
      "</body>",
  );
  const tornado = await fetch("/render/tornado");
  assertEquals(await tornado.text(), nonceOf(tornado));
  const streamed = await fetch("/streamed");
  const page = await streamed.text();
  assertEquals(page.split(`nonce="${nonceOf(streamed)}"`).length, 6);
});

bothWays("nonce leaves the field of XSRF forms as it is", app(), async (fetch) => {
  const page = await (await fetch("/render/form")).text();
  assertMatch(page, /^(<input type="hidden" name="_xsrf" value="[\w|]+"\/>){2}$/);
});

bothWays(
  "nonce is empty where no middleware has made one",
  () => new Application([["/", Page], ["/render/:name", Rendered]], { templateLoader }),
  async (fetch) => {
    assertEquals(await (await fetch("/")).text(), "");
    assertEquals(await (await fetch("/render/tornado")).text(), "");
  },
);

bothWays("security headers of a handler stay as they are", app(), async (fetch) => {
  const { headers } = await fetch("/own");
  assertEquals(headers.get("content-security-policy"), "default-src *");
  assertEquals(headers.get("x-frame-options"), "SAMEORIGIN");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});

bothWays(
  "304 brings no policy, since the page that was kept has its own nonce",
  app(),
  async (fetch) => {
    const response = await fetch("/cached", { headers: { "if-none-match": '"1"' } });
    assertEquals(response.status, 304);
    assertEquals(response.headers.get("content-security-policy"), null);
  },
);

bothWays(
  "security headers can be changed and left out, one by one",
  app({
    contentSecurityPolicy: {
      "img-src": ["https:"],
      "script-src": ["'nonce'", "'strict-dynamic'"],
      "style-src": null,
      "frame-ancestors": ["'self'"],
      "upgrade-insecure-requests": [],
    },
    reportOnly: true,
    xContentTypeOptions: false,
    referrerPolicy: "no-referrer",
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: "cross-origin",
    crossOriginEmbedderPolicy: "require-corp",
    permissionsPolicy: "usb=()",
  }),
  async (fetch) => {
    const { headers } = await fetch("/");
    const policy = headers.get("content-security-policy-report-only") ?? "";
    assertEquals(
      policy.replace(/nonce-[^']+/, "nonce-x"),
      "default-src 'self'; script-src 'nonce-x' 'strict-dynamic'; img-src https:; " +
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; " +
        "upgrade-insecure-requests",
    );
    assertEquals(headers.get("content-security-policy"), null);
    assertEquals(headers.get("x-content-type-options"), null);
    assertEquals(headers.get("x-frame-options"), "SAMEORIGIN");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("cross-origin-opener-policy"), null);
    assertEquals(headers.get("cross-origin-resource-policy"), "cross-origin");
    assertEquals(headers.get("cross-origin-embedder-policy"), "require-corp");
    assertEquals(headers.get("permissions-policy"), "usb=()");
  },
);

bothWays(
  "security headers need no policy",
  app({ contentSecurityPolicy: false }),
  async (fetch) => {
    const response = await fetch("/");
    assertEquals(response.headers.get("content-security-policy"), null);
    assertEquals(response.headers.get("x-frame-options"), "DENY");
    assertEquals(await response.text(), "");
  },
);

Deno.test("X-Frame-Options stays away where frame-ancestors says more than it could", async () => {
  const application = app({
    contentSecurityPolicy: { "frame-ancestors": ["https://a.example"] },
  })();
  const response = await application.fetch(new Request("http://localhost/redirect"));
  assertEquals(response.headers.get("x-frame-options"), null);
});

Deno.test("Strict-Transport-Security goes out over https only, also by a proxy's word", async () => {
  const application = new Application([["/", () => new Response(null)]], {
    middleware: [securityHeaders({
      strictTransportSecurity: { maxAgeMs: 60_000, includeSubDomains: true, preload: true },
    })],
    xheaders: true,
  });
  const field = async (url: string, headers: HeadersInit = {}) =>
    (await application.fetch(new Request(url, { headers }))).headers.get(
      "strict-transport-security",
    );
  const expected = "max-age=60; includeSubDomains; preload";
  assertEquals(await field("https://localhost/"), expected);
  assertEquals(await field("http://localhost/", { "x-forwarded-proto": "https" }), expected);
  assertEquals(await field("http://localhost/"), null);
  const plain = new Application([["/", Page]], { middleware: [securityHeaders()] });
  const response = await plain.fetch(new Request("https://localhost/"));
  assertEquals(response.headers.get("strict-transport-security"), "max-age=15552000");
});

Deno.test("WebSocket is taken over under security headers", async () => {
  await using server = serve(app()());
  using socket = await RawWebSocket.connect(server.port, "/ws");
  assert(socket.response.status === 101);
  assertEquals(socket.response.headers.some(([name]) => name.includes("security")), false);
});

for (
  const [options, message] of [
    [{ frameguard: true }, '"frameguard"'],
    [{ referrerPolicy: 5 }, '"referrerPolicy"'],
    [{ referrerPolicy: "a\u0001" }, "control character"],
    [{ xFrameOptions: "ALLOWALL" }, '"xFrameOptions"'],
    [{ contentSecurityPolicy: "default-src 'self'" }, '"contentSecurityPolicy"'],
    [{ contentSecurityPolicy: { imgSrc: ["*"] } }, '"imgSrc"'],
    [{ contentSecurityPolicy: { "img-src": "*" } }, '"img-src"'],
    [{ contentSecurityPolicy: { "img-src": ["a; script-src *"] } }, "a source is text"],
    [{ contentSecurityPolicy: { "img-src": ["a,b"] } }, "a source is text"],
    [{ contentSecurityPolicy: { "img-src": ["\u0001"] } }, "a source is text"],
    [{ contentSecurityPolicy: { "img-src": ["self"] } }, `with its quotes: "'self'"`],
    [{ contentSecurityPolicy: { "object-src": ["NONE"] } }, `with its quotes: "'none'"`],
    [{ contentSecurityPolicy: { "script-src": ["nonce"] } }, `with its quotes: "'nonce'"`],
    [{ contentSecurityPolicy: { "script-src": ["'nonce-abc'"] } }, `"'nonce'" stands for a fresh`],
    [{ strictTransportSecurity: true }, '"strictTransportSecurity"'],
    [{ strictTransportSecurity: { maxAge: 1 } }, '"maxAge"'],
  ] as const
) {
  Deno.test(`security headers refuse ${JSON.stringify(options)}`, () => {
    assertThrows(
      () => securityHeaders(options as unknown as SecurityHeadersOptions),
      TypeError,
      message,
    );
  });
}
