import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Application, RequestHandler } from "@gustnado/gustnado";
import { ChildServer } from "../../support/child_server.ts";
import { serve } from "../../support/serve.ts";
import { serviceTest } from "../../support/services.ts";
import { tornadoPython } from "../../support/tornado.ts";

/** What both sides are set up with. */
interface Secrets {
  readonly cookieSecret: string | Record<number, string>;
  readonly keyVersion?: number;
}

const OLD: Secrets = { cookieSecret: { 1: "the old secret" }, keyVersion: 1 };
const ROTATED: Secrets = { cookieSecret: { 1: "the old secret", 2: "the new one" }, keyVersion: 2 };
const SINGLE: Secrets = { cookieSecret: "correct horse battery staple" };
const STRANGER: Secrets = { cookieSecret: "another secret altogether" };

class Cookie extends RequestHandler {
  override get() {
    const minVersion = this.getArgument("min_version", "2") === "1" ? 1 : 2;
    const bytes = this.getSignedCookieBytes("user", { minVersion });
    this.write({
      bytes: bytes === null ? null : Array.from(bytes),
      keyVersion: this.getSignedCookieKeyVersion("user"),
    });
  }

  override put() {
    const version = this.getArgument("version", "2") === "1" ? 1 : 2;
    this.setSignedCookie("user", this.request.body, { version });
  }

  override checkXsrfCookie() {}
}

class Form extends RequestHandler {
  override get() {
    this.write(this.xsrfToken);
  }

  override post() {
    this.write("posted");
  }
}

/** A running server, ours or theirs. */
interface Side extends AsyncDisposable {
  readonly origin: string;
}

/** Both sides with the same secrets, ours first. */
async function bothSides(secrets: Secrets): Promise<[Side, Side]> {
  const app = new Application([["/cookie", Cookie], ["/form", Form]], {
    ...secrets,
    xsrfCookies: true,
  });
  const theirs = await tornado(secrets);
  return [serve(app), theirs];
}

async function tornado(settings: Secrets & { xsrfVersion?: number }): Promise<Side> {
  const script = new URL("../../support/tornado_login.py", import.meta.url).pathname;
  const server = await ChildServer.start({
    program: tornadoPython ?? "python3",
    args: ({ port }) => [script, String(port), JSON.stringify(settings)],
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return { origin, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The `Cookie` header that a browser would send after the response. */
function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function setCookie(side: Side, value: string, version = 2): Promise<string> {
  const url = `${side.origin}/cookie?version=${version}`;
  const response = await fetch(url, { method: "PUT", body: value });
  await response.body?.cancel();
  return cookieOf(response);
}

async function readCookie(side: Side, cookie: string, minVersion = 2): Promise<unknown[]> {
  const url = `${side.origin}/cookie?min_version=${minVersion}`;
  const { bytes, keyVersion } = await (await fetch(url, { headers: { cookie } })).json();
  return [bytes && new TextDecoder().decode(Uint8Array.from(bytes)), keyVersion];
}

/** Changes one character: a digit of a number, else a letter of the value or the signature. */
function tampered(cookie: string): string[] {
  const places = Array.from(cookie.matchAll(/[0-9A-Za-z]/g), ({ index }) => index)
    .filter((index) => index > cookie.indexOf("="));
  return places.map((at) => {
    const other = cookie[at] === "1" ? "2" : "1";
    return cookie.slice(0, at) + other + cookie.slice(at + 1);
  });
}

const VALUES = ["ada", "", "Zo\u00eb \u{1f32a}", 'a;b="c",\\\n', "x".repeat(1_000), "0", "|:|"];

for (const [what, secrets] of Object.entries({ "one secret": SINGLE, "several": ROTATED })) {
  const name = `signed cookie of either side is read by the other, with ${what}`;
  serviceTest("python3-tornado", name, async () => {
    const sides = await bothSides(secrets);
    await using ours = sides[0];
    await using theirs = sides[1];
    const keyVersion = secrets.keyVersion ?? 0;
    for (const writer of [ours, theirs]) {
      for (const value of VALUES) {
        const cookie = await setCookie(writer, value);
        for (const reader of [ours, theirs]) {
          assertEquals(await readCookie(reader, cookie), [value, keyVersion]);
        }
      }
    }
  });
}

serviceTest("python3-tornado", "tampered signed cookie is read by neither side", async () => {
  const sides = await bothSides(SINGLE);
  await using ours = sides[0];
  await using theirs = sides[1];
  await using stranger = await tornado(STRANGER);
  for (const writer of [ours, theirs]) {
    const cookie = await setCookie(writer, "ada");
    assert(tampered(cookie).length > 80);
    for (const changed of tampered(cookie)) {
      for (const reader of [ours, theirs]) {
        assertEquals([changed, (await readCookie(reader, changed))[0]], [changed, null]);
      }
    }
  }
  assertEquals((await readCookie(ours, await setCookie(stranger, "ada")))[0], null);
  assertEquals((await readCookie(stranger, await setCookie(ours, "ada")))[0], null);
});

serviceTest("python3-tornado", "key that signs no more verifies on both sides", async () => {
  const old = await bothSides(OLD);
  await using oldOurs = old[0];
  await using oldTheirs = old[1];
  const rotated = await bothSides(ROTATED);
  await using ours = rotated[0];
  await using theirs = rotated[1];
  for (const writer of [oldOurs, oldTheirs]) {
    const cookie = await setCookie(writer, "ada");
    for (const reader of [ours, theirs]) {
      assertEquals(await readCookie(reader, cookie), ["ada", 1]);
    }
  }
  for (const writer of [ours, theirs]) {
    const cookie = await setCookie(writer, "ada");
    for (const reader of [oldOurs, oldTheirs]) {
      assertEquals(await readCookie(reader, cookie), [null, 2]);
    }
  }
});

serviceTest(
  "python3-tornado",
  "first format is read where it is asked for, by both sides",
  async () => {
    const sides = await bothSides(SINGLE);
    await using ours = sides[0];
    await using theirs = sides[1];
    for (const writer of [ours, theirs]) {
      const cookie = await setCookie(writer, "ada", 1);
      for (const reader of [ours, theirs]) {
        assertEquals(await readCookie(reader, cookie, 1), ["ada", null]);
        assertEquals(await readCookie(reader, cookie, 2), [null, null]);
        for (const changed of tampered(cookie)) {
          assertEquals([changed, (await readCookie(reader, changed, 1))[0]], [changed, null]);
        }
      }
    }
  },
);

async function post(side: Side, cookie: string, token: string): Promise<number> {
  const body = new URLSearchParams({ _xsrf: token });
  const response = await fetch(`${side.origin}/form`, {
    method: "POST",
    body,
    headers: { cookie },
  });
  await response.body?.cancel();
  return response.status;
}

serviceTest("python3-tornado", "XSRF token of either side is accepted by the other", async () => {
  const sides = await bothSides(SINGLE);
  await using ours = sides[0];
  await using theirs = sides[1];
  await using first = await tornado({ ...SINGLE, xsrfVersion: 1 });
  for (const issuer of [ours, theirs, first]) {
    const page = await fetch(`${issuer.origin}/form`);
    const [cookie, token] = [cookieOf(page), await page.text()];
    for (const reader of [ours, theirs]) {
      // A token that the reader masks anew, for the cookie of the issuer.
      const again = await fetch(`${reader.origin}/form`, { headers: { cookie } });
      assertEquals(again.headers.getSetCookie(), []);
      const other = await again.text();
      assertNotEquals(other, token);
      assertEquals(await post(reader, cookie, token), 200);
      assertEquals(await post(reader, cookie, other), 200);
      assertEquals(await post(issuer, cookie, other), 200);
    }
  }
});

serviceTest("python3-tornado", "tampered XSRF token is accepted by neither side", async () => {
  const sides = await bothSides(SINGLE);
  await using ours = sides[0];
  await using theirs = sides[1];
  for (const issuer of [ours, theirs]) {
    const page = await fetch(`${issuer.origin}/form`);
    const [cookie, token] = [cookieOf(page), await page.text()];
    const foreign = await (await fetch(`${issuer.origin}/form`)).text();
    const [version, mask = "", masked = "", time] = token.split("|");
    const flip = (hex: string) => (hex[0] === "0" ? "1" : "0") + hex.slice(1);
    const changed = [
      [version, flip(mask), masked, time].join("|"),
      [version, mask, flip(masked), time].join("|"),
      [version, mask, masked.slice(2), time].join("|"),
      token.slice(1),
      foreign,
      "",
    ];
    for (const reader of [ours, theirs]) {
      assertEquals(await post(reader, cookie, token), 200);
      assertEquals(await post(reader, "", token), 403);
      for (const bad of changed) assertEquals([bad, await post(reader, cookie, bad)], [bad, 403]);
    }
  }
});
