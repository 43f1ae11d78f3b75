import { assert, assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { basicAuth, type BasicAuthOptions } from "../../../src/web/middleware/basic_auth.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { expectLog as loggedWhile } from "../../../src/testing/log_capture.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class Who extends RequestHandler {
  override get() {
    this.write({ user: this.currentUser });
  }
  override post() {
    this.write(this.request.body);
  }
}

class OwnUser extends RequestHandler {
  override getCurrentUser() {
    return "somebody else";
  }
  override get() {
    this.write({ user: this.currentUser, seen: this.request.user });
  }
}

class Socket extends WebSocketHandler {}

const app = (options: BasicAuthOptions) => () =>
  new Application([["/", Who], ["/own", OwnUser], ["/ws", Socket]], {
    middleware: [basicAuth(options)],
  });

const USERS = { dorothy: "no place: like home", "jürgen": "Straße", empty: "" };

function login(username: string, password: string): RequestInit {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return { headers: { authorization: `Basic ${bytes.toBase64()}` } };
}

bothWays("basicAuth lets those in who know the password", app({ users: USERS }), async (fetch) => {
  for (const [user, password] of Object.entries(USERS)) {
    const response = await fetch("/", login(user, password));
    assertEquals([response.status, await response.json()], [200, { user }]);
  }
  const own = await fetch("/own", login("dorothy", USERS.dorothy));
  assertEquals(await own.json(), { user: "somebody else", seen: "dorothy" });
});

for (const form of ["NFC", "NFD"] as const) {
  const name = "j\u00fcrgen", password = "Schl\u00fcssel";
  const users = { [name.normalize(form)]: password.normalize(form) };
  const verify = (user: string, given: string) => user === name && given === password;
  for (const options of [{ users }, { verify }]) {
    const how = Object.keys(options)[0];
    bothWays(`basicAuth with ${how} knows ${form} in NFC and NFD`, app(options), async (fetch) => {
      for (const typed of ["NFC", "NFD"]) {
        const response = await fetch("/", login(name.normalize(typed), password.normalize(typed)));
        assertEquals([response.status, await response.json()], [200, { user: name }]);
      }
    });
  }
}

bothWays("basicAuth answers 401 alike, whatever is wrong", app({ users: USERS }), async (fetch) => {
  const wrong: [string, RequestInit][] = [
    ["nothing", {}],
    ["another password", login("dorothy", "x")],
    ["a prefix of the password", login("dorothy", "no place")],
    ["more than the password", login("dorothy", `${USERS.dorothy} `)],
    ["no password", login("dorothy", "")],
    ["an unknown user", login("toto", USERS.dorothy)],
    ["no user", login("", "")],
    ["another's password", login("dorothy", USERS["jürgen"])],
    ["a member of every object", login("constructor", "x")],
    ["case", login("Dorothy", USERS.dorothy)],
    ["another scheme", { headers: { authorization: "Bearer ZG9yb3RoeTp4" } }],
    ["garbage", { headers: { authorization: "Basic !!!!" } }],
    ["length", login("dorothy", "x".repeat(10_000))],
  ];
  const seen = new Set<string>();
  for (const [, init] of wrong) {
    const response = await fetch("/", init);
    assertEquals(response.status, 401);
    assertEquals(
      response.headers.get("www-authenticate"),
      'Basic realm="Restricted", charset="UTF-8"',
    );
    seen.add(await response.text());
  }
  assertEquals(seen.size, 1);
});

bothWays(
  "basicAuth guards whatever there is, without reading bodies",
  app({ users: USERS }),
  async (fetch) => {
    for (const path of ["/", "/none", "/ws"]) assertEquals((await fetch(path)).status, 401);
    const head = await fetch("/", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [401, ""]);
    const posted = await fetch("/", { method: "POST", body: "x".repeat(100_000) });
    assertEquals(posted.status, 401);
  },
);

/** What builders of database queries return: no promise, but it can be awaited. */
function thenable(user: unknown): object {
  return { then: (resolve: (user: unknown) => void) => resolve(user) };
}

for (
  const [what, verify, user] of [
    ["true", (name: string, password: string) => name === "a" && password === "b", "a"],
    ["a promise of true", () => Promise.resolve(true), "a"],
    ["an object", () => ({ id: 7 }), { id: 7 }],
    ["a promise of an object", () => Promise.resolve({ id: 7 }), { id: 7 }],
    ["false", () => false, null],
    ["null", () => null, null],
    ["undefined", () => undefined as unknown as null, null],
    ["a number", () => 1 as unknown as boolean, null],
    ["a promise of text", () => Promise.resolve("yes" as unknown as boolean), null],
    ["a thenable of null", () => thenable(null), null],
    ["a thenable of an object", () => thenable({ id: 7 }), { id: 7 }],
  ] as const
) {
  bothWays(
    `basicAuth takes ${what} for ${JSON.stringify(user)}`,
    app({ verify }),
    async (fetch) => {
      const response = await fetch("/", login("a", "b"));
      if (user === null) assertEquals(response.status, 401);
      else assertEquals(await response.json(), { user });
    },
  );
}

bothWays(
  "basicAuth logs nothing of credentials, not even when verify fails",
  app({
    verify: () => Promise.reject(new Error("no database")),
  }),
  async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/", login("dorothy", "secret-word"))).status, 500);
    assertEquals((await fetch("/")).status, 401);
    await expectLog(records, "error", /no database/);
    const text = JSON.stringify(records.all);
    for (const secret of ["dorothy", "secret-word", btoa("dorothy:secret-word")]) {
      assert(!text.includes(secret));
    }
  },
);

for (
  const [what, given] of [
    ["undefined", undefined],
    ["a number", 1],
    ["a string", Promise.resolve("yes")],
  ] as const
) {
  bothWays(
    `the log says that "verify" gave ${what}`,
    app({ verify: () => given as unknown as boolean }),
    async (fetch) => {
      const wayOut = "expected an object, true, false or null";
      const line = await loggedWhile(
        { logger: "gustnado.access", level: "warning" },
        () => fetch("/", login("a", "b")),
      );
      assertEquals(line.reason, `"verify" of basicAuth() gave ${what}: ${wayOut}`);
    },
  );
}

bothWays("basicAuth writes any realm", app({ users: USERS, realm: 'a "b" \\' }), async (fetch) => {
  assertEquals(
    (await fetch("/")).headers.get("www-authenticate"),
    'Basic realm="a \\"b\\" \\\\", charset="UTF-8"',
  );
});

for (
  const options of [
    {},
    { users: {}, verify: () => true },
    { users: { a: 1 } },
    { users: "a:b" },
    { verify: true },
    { users: {}, realm: "é" },
    { users: {}, realm: "a\nb" },
    { users: {}, realms: "x" },
  ]
) {
  Deno.test(`basicAuth refuses the options ${JSON.stringify(options)}, and tells no password`, () => {
    const error = assertThrows(() => basicAuth(options as unknown as BasicAuthOptions), TypeError);
    assert(!error.message.includes("a:b"));
  });
}
