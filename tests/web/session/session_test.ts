import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  Application,
  MemorySessionStore,
  RequestHandler,
  type Session,
  SessionMixin,
  type SessionOptions,
} from "@gustnado/gustnado";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays, type Fetch } from "../../support/serve.ts";
import { Visitor } from "../../support/visitor.ts";
import { KEEPERS, Page, SECRET, sessionApplication } from "./session_application.ts";

/** A rule of sessions, wherever they are kept, in process and over a socket. */
function rule(name: string, fn: (fetch: Fetch) => Promise<void>, options: SessionOptions = {}) {
  for (const [where, keeper] of KEEPERS) {
    const app = () => sessionApplication({ ...keeper(), ...options });
    bothWays(`session ${where}: ${name}`, app, fn);
  }
}

rule("values come back with the next request", async (fetch) => {
  const visitor = new Visitor(fetch);
  for (const visits of ["1", "2", "3"]) assertEquals(await visitor.text("/count"), visits);
  assertEquals(JSON.parse(await visitor.text("/show")), {
    isNew: false,
    user: null,
    visits: 3,
    cart: null,
  });
  assertEquals(await new Visitor(fetch).text("/count"), "1");
});

rule("one that nothing was put into does not exist", async (fetch) => {
  const visitor = new Visitor(fetch);
  for (const path of ["/", "/show"]) {
    const response = await visitor.fetch(path);
    assertEquals(response.headers.getSetCookie(), []);
    assertEquals(response.headers.get("cache-control"), null);
  }
  assertEquals(JSON.parse(await visitor.text("/show")).isNew, true);
});

rule("one that is read, or set to what it is, sets no cookie", async (fetch) => {
  const visitor = new Visitor(fetch);
  await visitor.fetch("/cart?add=apple");
  assertEquals((await visitor.fetch("/show")).headers.getSetCookie(), []);
});

rule("a change inside an array counts", async (fetch) => {
  const visitor = new Visitor(fetch);
  for (const add of ["apple", "pear"]) await visitor.fetch(`/cart?add=${add}`);
  assertEquals(JSON.parse(await visitor.text("/show")).cart, ["apple", "pear"]);
});

rule("the cookie is httpOnly, SameSite=Lax, and of this session of the browser", async (fetch) => {
  const response = await fetch("/count");
  const [cookie = ""] = response.headers.getSetCookie();
  assertMatch(cookie, /^session=[A-Za-z0-9._-]{43,}; HttpOnly; Path=\/; SameSite=Lax$/);
  assertEquals(response.headers.get("cache-control"), "no-store");
});

rule("the cookie lasts as long as the session where it is persistent", async (fetch) => {
  const visitor = new Visitor(fetch);
  for (const _ of [1, 2]) {
    const [cookie = ""] = (await visitor.fetch("/count")).headers.getSetCookie();
    assertMatch(cookie, /; Max-Age=60; /);
  }
}, { persistent: true, idleTimeout: 60_000 });

rule("the name and the attributes of the cookie are options", async (fetch) => {
  const visitor = new Visitor(fetch);
  const [cookie = ""] = (await visitor.fetch("/count")).headers.getSetCookie();
  assertMatch(cookie, /^__Host-id=[^ ]+; HttpOnly; Path=\/; SameSite=Strict; Secure$/);
  await visitor.fetch("/logout", { method: "POST" });
  assertEquals(visitor.cookies.size, 0);
}, { cookieName: "__Host-id", cookieOptions: { sameSite: "Strict" } });

rule("log-in, @authenticated and log-out work", async (fetch) => {
  const visitor = new Visitor(fetch);
  assertEquals((await visitor.fetch("/secret")).headers.get("location"), "/login?next=%2Fsecret");
  assertEquals((await visitor.fetch("/login?user=Ada", { method: "POST" })).status, 302);
  assertEquals(await visitor.text("/secret"), "for Ada only");
  await visitor.fetch("/logout", { method: "POST" });
  assertEquals(visitor.cookies.size, 0);
  assertEquals((await visitor.fetch("/secret")).status, 302);
});

rule("log-in takes what was there before along, under another cookie", async (fetch) => {
  const visitor = new Visitor(fetch);
  await visitor.fetch("/count");
  const before = visitor.twin();
  await visitor.fetch("/login?user=Ada", { method: "POST" });
  assertNotEquals(visitor.cookies.get("session"), before.cookies.get("session"));
  const { user, visits } = JSON.parse(await visitor.text("/show"));
  assertEquals([user, visits], ["Ada", 1]);
  assertEquals(JSON.parse(await before.text("/show")).user, null);
});

rule("cookies that are none are as good as no cookie", async (fetch) => {
  using records = captureLogs();
  for (const value of ["", "x", "a".repeat(43), "g1.0.1.aaaa", "\u00ff", "a".repeat(5000)]) {
    const visitor = new Visitor(fetch, [["session", value]]);
    assertEquals(JSON.parse(await visitor.text("/show")).isNew, true);
    assertEquals(await visitor.text("/count"), "1");
    assertNotEquals(visitor.cookies.get("session"), value);
    assertEquals(await visitor.text("/count"), "2");
  }
  const warnings = records.all.filter(({ level }) => level === "warning");
  for (const _ of warnings) await expectLog(records, "warning", /sealed value "?session\/session/);
});

bothWays(
  "session in memory: log-out and log-in kill the old cookie",
  () => sessionApplication({ store: new MemorySessionStore() }),
  async (fetch) => {
    const visitor = new Visitor(fetch);
    await visitor.fetch("/login?user=Ada", { method: "POST" });
    const copies = [visitor.twin()];
    await visitor.fetch("/login?user=Ada", { method: "POST" });
    copies.push(visitor.twin());
    assertEquals(await visitor.text("/secret"), "for Ada only");
    await visitor.fetch("/logout", { method: "POST" });
    for (const copy of copies) {
      assertEquals((await copy.fetch("/secret")).status, 302);
      assertEquals(JSON.parse(await copy.text("/show")).isNew, true);
    }
  },
);

bothWays(
  "session in memory: an id that a stranger chose is not taken over",
  () => sessionApplication({ store: new MemorySessionStore() }),
  async (fetch) => {
    const planted = "A".repeat(43);
    const victim = new Visitor(fetch, [["session", planted]]);
    await victim.fetch("/login?user=Ada", { method: "POST" });
    assertNotEquals(victim.cookies.get("session"), planted);
    const stranger = new Visitor(fetch, [["session", planted]]);
    assertEquals((await stranger.fetch("/secret")).status, 302);
  },
);

Deno.test("session in a cookie can be refused by its age: the user logs out everywhere", async () => {
  let loggedOutAt = 0;
  let now = 1_000_000;
  class Home extends Page {
    override getCurrentUser(): string | null {
      return this.session.startedAt > loggedOutAt ? super.getCurrentUser() : null;
    }
    override get() {
      this.write(String(this.currentUser));
    }
  }
  const app = sessionApplication({ clock: () => now }, [["/home", Home]]);
  const visitor = inProcess(app);
  await visitor.fetch("/login?user=Ada", { method: "POST" });
  assertEquals(await visitor.text("/home"), "Ada");
  loggedOutAt = now += 1_000;
  assertEquals(await visitor.text("/home"), "null");
  now += 1;
  await visitor.fetch("/login?user=Ada", { method: "POST" });
  assertEquals(await visitor.text("/home"), "Ada");
});

Deno.test("session in a cookie that grows too large is an error that names the way out", async () => {
  class Fill extends Page {
    override get() {
      this.session.set("user", "x".repeat(Number(this.getArgument("n"))));
      this.write("kept");
    }
  }
  const visitor = inProcess(sessionApplication({}, [["/fill", Fill]]));
  assertEquals(await visitor.text("/fill?n=2900"), "kept");
  using records = captureLogs();
  const response = await visitor.fetch("/fill?n=4000");
  assertEquals([response.status, response.headers.getSetCookie()], [500, []]);
  await expectLog(records, "error", /would take 5\d{3} bytes, and browsers keep up to 4096.*store/);
});

Deno.test("session in a cookie needs a secret when it is first used, and only then", async () => {
  class Idle extends SessionMixin(RequestHandler) {
    override get() {
      if (this.getArgument("use", "") !== "") this.session.set("a", 1);
    }
  }
  const app = new Application([["/", Idle]]);
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 200);
  using records = captureLogs();
  assertEquals((await app.fetch(new Request("http://localhost/?use=1"))).status, 500);
  await expectLog(records, "error", /sessions that are kept in cookies: set "cookieSecret"/);
});

Deno.test("secrets of sessions rotate without logging anyone out", async () => {
  const app = (cookieSecret: Record<number, string>, keyVersion: number) =>
    new Application([["/count", counter()]], { cookieSecret, keyVersion });
  const visitor = inProcess(app({ 1: "old" }, 1));
  await visitor.fetch("/count");
  const later = inProcess(app({ 1: "old", 2: "new" }, 2), visitor);
  assertEquals(await later.text("/count"), "2");
  const last = inProcess(app({ 2: "new" }, 2), later);
  assertEquals(await last.text("/count"), "3");
});

Deno.test("session keeps what JSON holds, under any name, and refuses the rest", async () => {
  const values: [string, unknown][] = [
    ["text", 'Ærøskøbing \u{1f32a} \u0000 " \\'],
    ["number", -0.5],
    ["truth", true],
    ["nothing", null],
    ["nested", { list: [1, { deep: "x" }] }],
    ["__proto__", { polluted: true }],
    ["constructor", 1],
    ["", "no name"],
  ];
  class Keep extends SessionMixin(RequestHandler) {
    override get() {
      for (const [key, value] of values) this.session.set(key, value);
    }
    override post() {
      this.write(values.map(([key]) => [key, this.session.get(key), this.session.has(key)]));
    }
  }
  for (const [, options] of KEEPERS) {
    const visitor = inProcess(sessionApplication(options(), [["/keep", Keep]]));
    await visitor.fetch("/keep");
    const kept = JSON.parse(await visitor.text("/keep", { method: "POST" }));
    assertEquals(kept, values.map(([key, value]) => [key, value, true]));
  }
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
  await withSession((session) => {
    for (const value of [undefined, NaN, Infinity, 1n, Symbol("s"), () => {}]) {
      assertThrows(() => session.set("key", value), TypeError, 'in the session as "key"');
    }
  });
});

Deno.test("values can be taken, removed and cleared", async () => {
  await withSession((session) => {
    session.set("a", 1);
    session.set("b", 2);
    assertEquals([session.take("a"), session.take("a"), session.has("a")], [1, undefined, false]);
    assert(session.delete("b"));
    assertFalse(session.delete("b"));
    session.set("c", 3);
    session.clear();
    assertEquals([session.get("c"), session.has("c")], [undefined, false]);
  });
});

Deno.test("what is put in after destroy() begins a new session", async () => {
  class Swap extends Page {
    override get() {
      this.session.destroy();
      assert(this.session.isNew);
      this.session.set("visits", 40);
    }
  }
  for (const [, options] of KEEPERS) {
    const visitor = inProcess(sessionApplication(options(), [["/swap", Swap]]));
    await visitor.fetch("/login?user=Ada", { method: "POST" });
    await visitor.fetch("/swap");
    const { user, visits } = JSON.parse(await visitor.text("/show"));
    assertEquals([user, visits], [null, 40]);
  }
});

Deno.test("session of a class and of the class that it derives from are one", async () => {
  class Twice extends SessionMixin(Page) {
    override get() {
      this.session.set("visits", 7);
      this.write(String(Reflect.get(Page.prototype, "session", this).get("visits")));
    }
  }
  assertEquals(await inProcess(sessionApplication({}, [["/twice", Twice]])).text("/twice"), "7");
});

Deno.test("async getCurrentUser and XSRF work with a stored session", async () => {
  class Form extends SessionMixin(RequestHandler) {
    declare readonly session: Session<{ user?: string }>;
    override async getCurrentUser(): Promise<string | null> {
      await Promise.resolve();
      return this.session.get("user") ?? null;
    }
    override get() {
      this.write(this.xsrfToken);
    }
    override post() {
      this.session.regenerate();
      this.session.set("user", "Ada");
      this.write(String(this.currentUser));
    }
  }
  const session = { store: new MemorySessionStore() };
  const app = new Application([["/", Form]], { xsrfCookies: true, session });
  const visitor = inProcess(app);
  const headers = { "X-XSRFToken": await visitor.text("/") };
  assertEquals(await visitor.text("/", { method: "POST", headers }), "null");
  assertEquals(await visitor.text("/", { method: "POST", headers }), "Ada");
});

Deno.test("keys of a store are hashes: no cookie stands in it", async () => {
  const store = new MemorySessionStore();
  const keys: string[] = [];
  const spy: SessionOptions["store"] = {
    load: (key) => store.load(key),
    replace: (key, record, options) => {
      keys.push(key, record);
      return store.replace(key, record, options);
    },
    delete: (key) => store.delete(key),
  };
  const visitor = inProcess(sessionApplication({ store: spy }));
  await visitor.fetch("/count");
  const id = visitor.cookies.get("session") ?? "";
  assertEquals(id.length, 43);
  assertEquals(keys.length, 2);
  for (const text of keys) assertFalse(text.includes(id));
  const thief = inProcess(sessionApplication({ store: spy }));
  thief.cookies.set("session", keys[0] ?? "");
  assertEquals(await thief.text("/count"), "1");
});

Deno.test("ids of sessions are all different", async () => {
  const app = sessionApplication({ store: new MemorySessionStore() });
  const ids = new Set<string | undefined>();
  for (let i = 0; i < 200; i++) {
    const visitor = inProcess(app);
    await visitor.fetch("/count");
    ids.add(visitor.cookies.get("session"));
  }
  assertEquals(ids.size, 200);
});

function counter() {
  return class extends Page {
    override get() {
      const visits = (this.session.get("visits") ?? 0) + 1;
      this.session.set("visits", visits);
      this.write(String(visits));
    }
  };
}

/** A visitor of an application in this process, perhaps with the cookies of another. */
function inProcess(app: Application, before?: Visitor): Visitor {
  const fetch: Fetch = async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init));
  return new Visitor(fetch, before?.cookies);
}

/** Runs a function with the session of a request. */
async function withSession(fn: (session: Session) => void): Promise<void> {
  let ran = 0;
  class Use extends SessionMixin(RequestHandler) {
    override get() {
      fn(this.session);
      ran++;
    }
  }
  const app = new Application([["/", Use]], { cookieSecret: SECRET });
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 200);
  assertGreater(ran, 0);
}
