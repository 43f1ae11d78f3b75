import { assert, assertEquals, assertMatch } from "@std/assert";
import { configure, reset } from "@logtape/logtape";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { serve } from "../support/serve.ts";

class StatusHandler extends RequestHandler {
  override get(status: string) {
    this.setStatus(Number(status));
  }
  override post() {
    throw new Error("in post");
  }
}

const ROUTES = [["/(\\d+)", StatusHandler]] as const;

Deno.test("access log has a line for each request, of a level for each kind of status", async () => {
  using records = captureLogs();
  await using server = serve(new Application(ROUTES), { onListen: () => {} });
  for (const status of [200, 304, 404, 499, 500, 503]) {
    await (await fetch(`${server.origin}/${status}?q=1`)).body?.cancel();
  }
  const access = records.all.filter(({ category }) => category === "gustnado.access");
  assertEquals(access.map(({ level }) => level), [
    "info",
    "info",
    "warning",
    "warning",
    "error",
    "error",
  ]);
  assertMatch(access[0]?.message ?? "", /^200 GET \/200\?q=1 \(127\.0\.0\.1\) \d+\.\d\dms$/);
});

Deno.test("access log has the request that no route matched, and the one that was refused", async () => {
  using records = captureLogs();
  const app = new Application(ROUTES);
  await (await app.fetch(new Request("http://localhost/none"))).body?.cancel();
  await (await app.fetch(new Request("http://localhost/200", { headers: { host: "a,b" } }))).body
    ?.cancel();
  const [none = "", refused = ""] = records.messages("gustnado.access");
  assertMatch(none, /^404 GET \/none \(0\.0\.0\.0\)/);
  assertMatch(refused, /^400 GET \/200 \(0\.0\.0\.0\)/);
  await expectLog(records, "warning", /Malformed Host header "a,b"/);
});

Deno.test("logFunction takes the place of the access log, once per request", async () => {
  using records = captureLogs();
  const lines: string[] = [];
  const app = new Application(ROUTES, {
    logFunction: (handler) => {
      assert(handler.request.requestTime() >= 0);
      lines.push(`${handler.getStatus()} ${handler.request.path} ${handler.finished}`);
    },
  });
  for (const path of ["/200", "/none"]) {
    await (await app.fetch(new Request(`http://localhost${path}`))).body?.cancel();
  }
  assertEquals(lines, ["200 /200 true", "404 /none true"]);
  assertEquals(records.all, []);
});

Deno.test("nothing is logged until the application asks, but exceptions go to the console", async () => {
  using records = captureLogs({ configure: false });
  const app = new Application([...ROUTES, [
    "/error",
    class extends RequestHandler {
      override get() {
        throw new HTTPError(403, { logMessage: "unheard" });
      }
    },
  ]]);
  for (const path of ["/200", "/none", "/error"]) {
    await (await app.fetch(new Request(`http://localhost${path}`))).body?.cancel();
  }
  assertEquals(records.all, []);
  await (await app.fetch(new Request("http://localhost/200", { method: "POST" }))).body?.cancel();
  const { category, message } = await expectLog(records, "error", /Uncaught exception POST \/200/);
  assertEquals(category, "console");
  assert(message.includes("in post"));
});

Deno.test("logging may be configured after the first request", async () => {
  const app = new Application(ROUTES);
  await (await app.fetch(new Request("http://localhost/200"))).body?.cancel();
  const lines: unknown[] = [];
  await configure({
    sinks: { list: (record) => lines.push(record.message.join("")) },
    loggers: [
      { category: "gustnado", sinks: ["list"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    await (await app.fetch(new Request("http://localhost/304"))).body?.cancel();
  } finally {
    await reset();
  }
  assertEquals(lines.length, 1);
  assertMatch(String(lines[0]), /304.*GET \/304/);
});

const SECRET = "swordfish";

Deno.test("no header, no cookie and no body of a request is ever logged", async () => {
  using records = captureLogs();
  class SecretHandler extends RequestHandler {
    override get() {
      this.getArgument("missing");
    }
    override post() {
      this.request.json();
    }
    override put() {
      this.setHeader("X-Secret", `${SECRET}\u0001`);
    }
    override patch() {
      this.setCookie("a", `${SECRET}\u0001`);
    }
    override delete() {
      throw new Error("an ordinary error");
    }
    override options() {
      return new Response("", { headers: { "x-secret": `${SECRET}\u0001` } });
    }
  }
  const app = new Application([["/", SecretHandler]], { xheaders: true });
  const headers = {
    authorization: SECRET,
    cookie: `session=${SECRET}`,
    "x-real-ip": SECRET,
    "x-api-key": SECRET,
  };
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"]) {
    const body = method === "GET" ? {} : { body: SECRET };
    const response = await app.fetch(
      new Request("http://localhost/", { method, headers, ...body }),
    );
    assert(!(await response.text()).includes(SECRET));
  }
  assert(records.all.length > 10);
  const leak = records.all.find(({ message }) => message.includes(SECRET));
  assertEquals(leak, undefined);
  for (const { level, category } of [...records.all]) {
    if (category !== "gustnado.access") await expectLog(records, level, /^(?!.*\dms$)/);
  }
});

Deno.test("request tells of itself without its headers", async () => {
  let text = "";
  const app = new Application([[
    "/",
    class extends RequestHandler {
      override get() {
        text = `${this.request} ${Deno.inspect(this.request)} ${JSON.stringify(this.request)}`;
      }
    },
  ]]);
  const headers = { cookie: SECRET, authorization: SECRET };
  await (await app.fetch(new Request("http://localhost/?a=b", { headers }))).body?.cancel();
  assert(text.startsWith("GET /?a=b (0.0.0.0)"));
  assert(!text.includes(SECRET), text);
});

Deno.test("a query that a handler hides is in no log", async () => {
  using records = captureLogs();
  class Invitation extends RequestHandler {
    override get() {
      this.request.hideQuery();
      throw new HTTPError(403, { logMessage: "too late" });
    }
  }
  const app = new Application([["/invitation", Invitation]]);
  await app.fetch(new Request("http://localhost/invitation?token=secret"));
  await expectLog(records, "warning", /^403 GET \/invitation\?… \(.*\): too late$/);
  assertEquals(records.messages("gustnado.access").length, 1);
  assertEquals(records.all.some(({ message }) => message.includes("secret")), false);
});
