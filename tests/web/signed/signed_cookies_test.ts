import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Application, createSignedValue, RequestHandler } from "@gustnado/gustnado";
import type { ApplicationSettings, SignedCookieOptions } from "@gustnado/gustnado";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays, type Fetch } from "../../support/serve.ts";

const SECRET = "correct horse battery staple";
const DAY = 86_400_000;

class Cookie extends RequestHandler {
  override get() {
    this.write({
      text: this.getSignedCookie("user"),
      bytes: Array.from(this.getSignedCookieBytes("user") ?? []),
      keyVersion: this.getSignedCookieKeyVersion("user"),
    });
  }

  override post() {
    this.setSignedCookie("user", this.request.body);
  }
}

const application = (settings: ApplicationSettings = { cookieSecret: SECRET }) => () =>
  new Application([["/", Cookie]], settings);

/** What a browser sends back. */
async function login(fetch: Fetch, value: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const response = await fetch("/", { method: "POST", body: value });
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

bothWays("signed cookie comes back as it was set", application(), async (fetch) => {
  for (const text of ["ada", "", "Zo\u00eb \u{1f32a}", 'a;b="c",\\\n', "x".repeat(2_000)]) {
    const cookie = await login(fetch, text);
    const answer = await (await fetch("/", { headers: { cookie } })).json();
    assertEquals([answer.text, answer.keyVersion], [text, 0]);
  }
});

bothWays("signed cookie that is no text is there as bytes", application(), async (fetch) => {
  const cookie = await login(fetch, Uint8Array.of(0, 255, 10));
  using records = captureLogs();
  const answer = await (await fetch("/", { headers: { cookie } })).json();
  assertEquals([answer.text, answer.bytes], [null, [0, 255, 10]]);
  await expectLog(records, "warning", /"?user"?: .*not UTF-8/);
});

bothWays("signed cookie that was not sent, or is empty, is null", application(), async (fetch) => {
  using records = captureLogs();
  const nothing = { text: null, bytes: [], keyVersion: null };
  assertEquals(await (await fetch("/")).json(), nothing);
  for (const cookie of ["other=1", "user=", 'user=""', "user"]) {
    assertEquals(await (await fetch("/", { headers: { cookie } })).json(), nothing);
  }
  assertEquals(records.messages("gustnado.general"), []);
});

bothWays(
  "signed cookie that was changed is null, and a warning without it",
  application(),
  async (fetch) => {
    const cookie = await login(fetch, "ada");
    using records = captureLogs();
    const forged = cookie.replace(/\|[0-9a-f]{64}/, `|${"0".repeat(64)}`);
    assert(forged !== cookie);
    assertEquals((await (await fetch("/", { headers: { cookie: forged } })).json()).text, null);
    for (const _reading of ["as text", "as bytes"]) {
      const { message } = await expectLog(records, "warning", /Refused the signed value "?user"?/);
      assertFalse(message.includes("YWRh") || message.includes(SECRET));
    }
  },
);

bothWays("last of two cookies of a name is the one that counts", application(), async (fetch) => {
  const [ada, bob] = [await login(fetch, "ada"), await login(fetch, "bob")];
  const headers = { cookie: `${ada}; ${bob}` };
  assertEquals((await (await fetch("/", { headers })).json()).text, "bob");
});

Deno.test("application that rotates its key reads both, and signs with the new one", async () => {
  const before = application({ cookieSecret: { 1: "old" }, keyVersion: 1 })();
  const after = application({ cookieSecret: { 1: "old", 2: "new" }, keyVersion: 2 })();
  const request = (init: RequestInit) => new Request("http://localhost/", init);
  const fetchOf = (app: Application): Fetch => async (_path, init) =>
    await app.fetch(request(init ?? {}));
  for (const [app, keyVersion] of [[before, 1], [after, 2]] as const) {
    const cookie = await login(fetchOf(app), "ada");
    const answer = await (await after.fetch(request({ headers: { cookie } }))).json();
    assertEquals([answer.text, answer.keyVersion], ["ada", keyVersion]);
  }
});

/** The `Set-Cookie` of a cookie with the value `v`. */
async function setCookie(options?: SignedCookieOptions, name = "user"): Promise<string> {
  class Setter extends RequestHandler {
    override get() {
      this.setSignedCookie(name, "v", options);
    }
  }
  const app = new Application([["/", Setter]], { cookieSecret: SECRET });
  const response = await app.fetch(new Request("http://localhost/"));
  return response.headers.getSetCookie()[0] ?? `status ${response.status}`;
}

Deno.test("signed cookie is hidden from scripts and other sites, and lasts 30 days", async () => {
  const cookie = await setCookie();
  assertMatch(cookie, /^user="2\|1:0\|10:\d+\|4:user\|4:dg==\|[0-9a-f]{64}"; Expires=/);
  assertMatch(cookie, /GMT; HttpOnly; Path=\/; SameSite=Lax$/);
  const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? "");
  assert(Math.abs(expires - Date.now() - 30 * DAY) < 60_000);
});

Deno.test("defaults of a signed cookie are changed by saying so, not by undefined", async () => {
  const open = await setCookie({ httpOnly: false, sameSite: "Strict", path: "/x", secure: true });
  assertFalse(open.includes("HttpOnly"));
  assertMatch(open, /Path=\/x; SameSite=Strict; Secure$/);
  assertFalse((await setCookie({ expiresDays: null })).includes("Expires"));
  assertMatch(await setCookie({ expires: new Date(0) }), /Expires=Thu, 01 Jan 1970/);
  const unset = { httpOnly: undefined, sameSite: undefined, expiresDays: undefined };
  assertMatch(await setCookie(unset), /Expires=.*; HttpOnly; Path=\/; SameSite=Lax$/);
  assertMatch(await setCookie({ version: 1 }), /^user="dg==\|\d+\|[0-9a-f]{40}"/);
});

Deno.test("name of a signed cookie is checked as that of any cookie", async () => {
  using records = captureLogs();
  assertEquals(await setCookie({}, "a b"), "status 500");
  await expectLog(records, "error", /the name is not a token/);
});

Deno.test("signed cookie is read by its age, its format, and a value of one's own", async () => {
  const old = createSignedValue(SECRET, "user", "ada", { clock: () => Date.now() - 2 * DAY });
  const first = createSignedValue(SECRET, "user", "ada", { version: 1 });
  class Reader extends RequestHandler {
    override get() {
      const value = first;
      this.write([
        this.getSignedCookie("user"),
        this.getSignedCookie("user", { maxAgeDays: 1 }),
        this.getSignedCookie("user", { value, minVersion: 1 }),
        this.getSignedCookie("user", { value }),
        this.getSignedCookie("user", { value: null }),
        this.getSignedCookieKeyVersion("user", { value: first }),
        this.getSignedCookieKeyVersion("absent", { value: old }),
      ]);
    }
  }
  using records = captureLogs();
  const app = new Application([["/", Reader]], { cookieSecret: SECRET });
  const headers = { cookie: `user="${old}"` };
  const response = await app.fetch(new Request("http://localhost/", { headers }));
  assertEquals(await response.json(), ["ada", null, "ada", null, null, null, 0]);
  await expectLog(records, "warning", /expired/);
  await expectLog(records, "warning", /format 1 is not accepted/);
});

bothWays(
  "signed cookies without cookieSecret are an error that names it",
  application({}),
  async (fetch) => {
    for (const init of [{ method: "GET" }, { method: "POST", body: "ada" }]) {
      using records = captureLogs();
      assertEquals((await fetch("/", init)).status, 500);
      await expectLog(records, "error", /Cannot use signed cookies: set "cookieSecret"/);
    }
  },
);

Deno.test("no cookie header makes reading a signed cookie fail", async () => {
  const app = application()();
  const valid = createSignedValue(SECRET, "user", "ada");
  const piece = fc.oneof(
    fc.constantFrom("user=", "; ", '"', "|", "2|", "1:0|", "\\", "=", valid, valid.slice(0, 40)),
    fc.string({ unit: "grapheme-ascii" }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const headers = new Headers({ cookie: pieces.join("") });
      const response = await app.fetch(new Request("http://localhost/", { headers }));
      const { text } = await response.json();
      assert(response.status === 200 && (text === null || text === "ada"));
    }),
    { numRuns: 300 },
  );
});
