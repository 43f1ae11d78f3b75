import { assertEquals, assertMatch } from "@std/assert";
import {
  Application,
  authenticated,
  HTTPError,
  RequestHandler,
  safeNext,
  WebSocketHandler,
} from "@gustnado/gustnado";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { bothWays, type Fetch, serve } from "../support/serve.ts";

const settings = { cookieSecret: "correct horse battery staple", loginUrl: "/login" };

class Login extends RequestHandler {
  override post() {
    this.setSignedCookie("user", this.getArgument("name"));
    this.redirect(safeNext(this.getArgument("next", "/")), { status: 303 });
  }
}

class Secret extends RequestHandler {
  override getCurrentUser(): unknown {
    return this.getSignedCookie("user");
  }

  @authenticated
  override get() {
    this.write(`Hello, ${this.currentUser}`);
  }

  @authenticated
  override post() {
    this.write("posted");
  }
}

class SecretOfAsync extends Secret {
  override async getCurrentUser() {
    await undefined;
    return this.getSignedCookie("user");
  }
}

const routes = (handler: typeof Secret) => () =>
  new Application([["/login", Login], ["/secret", handler]], settings);

async function logIn(fetch: Fetch, next: string): Promise<Response> {
  const body = new URLSearchParams({ name: "ada", next });
  return await fetch("/login", { method: "POST", body });
}

for (const handler of [Secret, SecretOfAsync]) {
  bothWays(
    `visitor logs in and comes back, with ${handler.name}`,
    routes(handler),
    async (fetch) => {
      const asked = await fetch("/secret?a=1&b=%2F");
      assertEquals(asked.status, 302);
      const location = asked.headers.get("location") ?? "";
      assertEquals(location, "/login?next=%2Fsecret%3Fa%3D1%26b%3D%252F");
      const next = new URLSearchParams(location.split("?")[1]).get("next") ?? "";
      const response = await logIn(fetch, next);
      assertEquals([response.status, response.headers.get("location")], [303, "/secret?a=1&b=%2F"]);
      const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      assertEquals(await (await fetch(next, { headers: { cookie } })).text(), "Hello, ada");
      const posted = await fetch("/secret", { method: "POST", headers: { cookie } });
      assertEquals(await posted.text(), "posted");
    },
  );

  bothWays(`forged cookie is nobody's, with ${handler.name}`, routes(handler), async (fetch) => {
    using records = captureLogs();
    const headers = { cookie: "user=ada" };
    assertEquals((await fetch("/secret", { headers })).status, 302);
    await expectLog(records, "warning", /Refused the signed value/);
    assertEquals((await fetch("/secret", { headers, method: "HEAD" })).status, 302);
    await expectLog(records, "warning", /Refused the signed value/);
    assertEquals((await fetch("/secret", { headers, method: "POST" })).status, 403);
    await expectLog(records, "warning", /Refused the signed value/);
  });
}

bothWays("login page leads nobody to another site", routes(Secret), async (fetch) => {
  for (
    const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"]
  ) {
    assertEquals((await logIn(fetch, next)).headers.get("location"), "/");
  }
});

bothWays("getCurrentUser that fails is answered by its error", () => {
  class Failing extends RequestHandler {
    override async getCurrentUser() {
      await undefined;
      throw new HTTPError(Number(this.request.query));
    }
    @authenticated
    override get() {
      this.write("never");
    }
  }
  return new Application([["/", Failing]]);
}, async (fetch) => {
  for (const status of [401, 503]) assertEquals((await fetch(`/?${status}`)).status, status);
});

for (
  const [what, value] of [
    ["a promise", () => Promise.resolve("ada")],
    ["a thenable", () => ({ then: (resolve: (user: string) => void) => resolve("ada") })],
  ] as const
) {
  Deno.test(`${what} from a getCurrentUser that is not async lets nobody in`, async () => {
    class Careless extends RequestHandler {
      override getCurrentUser() {
        return value();
      }
      @authenticated
      override get() {
        this.write("never");
      }
    }
    using records = captureLogs();
    const app = new Application([["/", Careless]], settings);
    assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
    await expectLog(records, "error", /Uncaught exception/);
  });
}

Deno.test("WebSocket knows its user by the signed cookie, before the upgrade", async () => {
  class Socket extends WebSocketHandler {
    override async getCurrentUser() {
      await undefined;
      return this.getSignedCookie("user");
    }
    override prepare() {
      if (!this.currentUser) throw new HTTPError(401);
    }
    override open() {
      this.writeMessage(`Hello, ${this.currentUser}`);
    }
  }
  await using server = serve(new Application([["/login", Login], ["/", Socket]], settings));
  const login = await logIn(
    (path, init) => fetch(server.origin + path, { redirect: "manual", ...init }),
    "/",
  );
  await login.body?.cancel();
  const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  assertMatch(cookie, /^user=/);
  using known = await RawWebSocket.connect(server.port, "/", { headers: { cookie } });
  assertEquals((await known.receive())?.text, "Hello, ada");
  await known.close();
  using unknown = await RawWebSocket.connect(server.port, "/");
  assertEquals(unknown.response.status, 401);
});
