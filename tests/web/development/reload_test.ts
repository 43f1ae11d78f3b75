import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testServer } from "../../../src/testing/test_server.ts";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { securityHeaders } from "../../../src/web/middleware/security_headers.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { EventReader } from "../../support/event_reader.ts";
import { serve } from "../../support/serve.ts";

const BROWSER = { Accept: "text/html,*/*;q=0.8", "Sec-Fetch-Dest": "document" };
const TAG = /<script src="\/\.gustnado\/reload\.js" data-version="[^"]+"[^>]*><\/script>/;
const PAGE = "<!DOCTYPE html><html><body><h1>Wind</h1></body></html>";

class Main extends RequestHandler {
  override get() {
    this.write(PAGE);
  }
  override post() {
    this.write(PAGE);
  }
}

class Part extends RequestHandler {
  override get() {
    this.write("<p>part of a page</p>");
  }
}

class Text extends RequestHandler {
  override get() {
    this.setHeader("Content-Type", "text/plain");
    this.write("</body>");
  }
}

class Streamed extends RequestHandler {
  override async get() {
    this.write(PAGE);
    await this.flush();
  }
}

function application(settings: ApplicationSettings = { debug: true }): Application {
  const routes = { "/": Main, "/part": Part, "/text": Text, "/streamed": Streamed };
  return new Application(Object.entries(routes), settings);
}

async function pageOf(app: Application, path: string, init: RequestInit = {}): Promise<string> {
  const response = await app.fetch(
    new Request(`http://localhost${path}`, { headers: BROWSER, ...init }),
  );
  return await response.text();
}

Deno.test("a page that a browser shows has the script at its end, and is not kept", async () => {
  const request = new Request("http://localhost/", { headers: BROWSER });
  const response = await application().fetch(request);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("etag"), null);
  const text = await response.text();
  assertMatch(text, TAG);
  assertEquals(text.replace(TAG, ""), PAGE);
});

Deno.test("outside debug no page has it, and its paths are not there", async () => {
  const app = application({});
  assertEquals(await pageOf(app, "/"), PAGE);
  for (const path of ["/.gustnado/reload.js", "/.gustnado/reload"]) {
    const response = await app.fetch(new Request(`http://localhost${path}`));
    assertEquals(response.status, 404);
    await response.body?.cancel();
  }
});

Deno.test("a host that could be a stranger's hears of no changes", async () => {
  const strange = { origin: "https://rebound.example", socket: false };
  await using t = testServer(application(), strange);
  for (const path of ["/.gustnado/reload.js", "/.gustnado/reload"]) {
    await t.get(path, { remoteIp: "192.0.2.1", status: 404 });
  }
  const page = await (await t.get("/", { headers: BROWSER, remoteIp: "192.0.2.1" })).text();
  assertEquals(page, PAGE);
  await using shown = testServer(application({ debug: true, serveTraceback: true }), strange);
  await shown.get("/.gustnado/reload.js", { remoteIp: "192.0.2.1", status: 200 });
});

Deno.test("what is no whole page of a browser stays as it is", async () => {
  const app = application();
  assertEquals(await pageOf(app, "/part"), "<p>part of a page</p>");
  assertEquals(await pageOf(app, "/text"), "</body>");
  assertEquals(await pageOf(app, "/streamed"), PAGE);
  assertEquals(await pageOf(app, "/", { method: "POST" }), PAGE);
  assertEquals(await pageOf(app, "/", { headers: {} }), PAGE);
  assertEquals(
    await pageOf(app, "/", { headers: { ...BROWSER, "Sec-Fetch-Dest": "empty" } }),
    PAGE,
  );
});

Deno.test("the script has the nonce of the page's policy", async () => {
  const request = new Request("http://localhost/", { headers: BROWSER });
  const response = await application({ debug: true, middleware: [securityHeaders()] })
    .fetch(request);
  const [, nonce] = /<script[^>]* nonce="([^"]+)"/.exec(await response.text()) ?? [];
  assert(nonce !== undefined);
  assertStringIncludes(response.headers.get("content-security-policy") ?? "", `'nonce-${nonce}'`);
});

Deno.test("a static page has the script, too, with the right length and no tag of before", async () => {
  const staticPath = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${staticPath}/page.html`, PAGE);
    await using server = serve(application({ debug: true, staticPath }));
    const response = await fetch(`${server.origin}/static/page.html`, { headers: BROWSER });
    assertMatch(await response.text(), TAG);
    const { headers } = response;
    assertEquals([headers.get("etag"), headers.get("last-modified")], [null, null]);
  } finally {
    await Deno.remove(staticPath, { recursive: true });
  }
});

Deno.test("requests of the script and for changes are not logged", async () => {
  const logged: string[] = [];
  const app = application({
    debug: true,
    logFunction: ({ request }) => void logged.push(request.path),
  });
  assertMatch(await pageOf(app, "/.gustnado/reload.js"), /EventSource/);
  await pageOf(app, "/");
  assertEquals(logged, ["/"]);
});

for (const poll of [undefined, 20]) {
  const how = poll === undefined ? "as the system tells" : "by looking again and again";
  Deno.test({
    name: `changed templates and static files are told, styles by their URLs, ${how}`,
    fn: () => followsChanges(poll),
  });
}

async function followsChanges(ms: number | undefined): Promise<void> {
  const root = await Deno.makeTempDir();
  const [templatePath, staticPath] = [`${root}/templates`, `${root}/static`];
  if (ms !== undefined) Deno.env.set("GUSTNADO_DEV", `http://127.0.0.1:9/?poll=${ms}`);
  try {
    for (const folder of [templatePath, `${staticPath}/css`]) {
      await Deno.mkdir(folder, { recursive: true });
    }
    await Deno.writeTextFile(`${staticPath}/css/a.css`, "");
    await using server = serve(application({ debug: true, templatePath, staticPath }));
    const shown = /data-version="([^"]+)"/.exec(await pageOver(server.origin))?.[1];
    await using events = new EventReader(await fetch(`${server.origin}/.gustnado/reload`));
    const first = await changeOf(events);
    assertEquals(first.version, shown);
    await Deno.writeTextFile(`${staticPath}/css/a.css`, "h1 { color: red }");
    const style = await changeOf(events);
    assertEquals(style.styles, ["/static/css/a.css"]);
    await Deno.writeTextFile(`${templatePath}/new.html`, "new");
    const other = await changeOf(events);
    assertEquals(
      [other.styles, new Set([first, style, other].map(({ version }) => version)).size],
      [
        undefined,
        3,
      ],
    );
    const now = /data-version="([^"]+)"/.exec(await pageOver(server.origin))?.[1];
    assertEquals(now, other.version);
  } finally {
    Deno.env.delete("GUSTNADO_DEV");
    await Deno.remove(root, { recursive: true });
  }
}

async function pageOver(origin: string): Promise<string> {
  return await (await fetch(origin, { headers: BROWSER })).text();
}

Deno.test("a server that ends ends the streams of pages and its watch", async () => {
  const staticPath = await Deno.makeTempDir();
  try {
    const server = serve(application({ debug: true, staticPath }));
    await using events = new EventReader(await fetch(`${server.origin}/.gustnado/reload`));
    await changeOf(events);
    await server[Symbol.asyncDispose]();
    let event = await events.next();
    while (event !== null) event = await events.next();
  } finally {
    await Deno.remove(staticPath, { recursive: true });
  }
});

/** What a page is told next. */
async function changeOf(events: EventReader): Promise<{ version: string; styles?: string[] }> {
  const event = await events.next();
  assert(event?.data !== undefined);
  return JSON.parse(event.data);
}
