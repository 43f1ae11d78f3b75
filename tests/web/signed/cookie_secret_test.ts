import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { Application, RequestHandler } from "@gustnado/gustnado";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { secretOfVersion, signingKey } from "../../../src/web/signed/cookie_secret.ts";

const SECRET = "correct horse battery staple";
const bytes = new TextEncoder().encode(SECRET);

const build = (settings: object) => new Application([], settings as ApplicationSettings);

Deno.test("cookieSecret is text, bytes, or a record of them with keyVersion", () => {
  assertEquals(build({ cookieSecret: SECRET }).settings.cookieSecret, SECRET);
  assertEquals(build({ cookieSecret: bytes }).settings.cookieSecret, bytes);
  const rotated = build({ cookieSecret: { 0: SECRET, 7: bytes }, keyVersion: 7 });
  assertEquals(rotated.settings.keyVersion, 7);
});

const BAD_SECRETS: Record<string, unknown> = {
  "empty text": "",
  "no bytes": new Uint8Array(),
  "an empty record": {},
  "a record with an empty secret": { 1: SECRET, 2: "" },
  "a record by name": { current: SECRET },
  "a record by a number with zeros": { "01": SECRET },
  "a record by a negative version": { "-1": SECRET },
  "a record of records": { 1: { secret: SECRET } },
  "a number": 5,
  "null": null,
  "a function": () => SECRET,
};

for (const [what, cookieSecret] of Object.entries(BAD_SECRETS)) {
  Deno.test(`cookieSecret cannot be ${what}, and the error does not quote it`, () => {
    const error = assertThrows(
      () => build({ cookieSecret, keyVersion: 1 }),
      TypeError,
      'Cannot use the value given as the setting "cookieSecret": expected a string or bytes',
    );
    assertFalse(error.message.includes(SECRET));
  });
}

const BAD_VERSIONS: [string, object, string][] = [
  ["is missing", { cookieSecret: { 1: SECRET } }, 'set "keyVersion"'],
  ["is not there", { cookieSecret: { 1: SECRET, 3: SECRET }, keyVersion: 2 }, "version 1, 3"],
  ["is for one secret", { cookieSecret: SECRET, keyVersion: 2 }, "not a record"],
  ["is for no secret", { keyVersion: 2 }, "not a record"],
  ["is text", { cookieSecret: { 1: SECRET }, keyVersion: "1" }, "expected a whole number"],
  ["is negative", { cookieSecret: { 1: SECRET }, keyVersion: -1 }, "expected a whole number"],
  ["is a fraction", { cookieSecret: { 1: SECRET }, keyVersion: 0.5 }, "expected a whole number"],
];

for (const [what, settings, message] of BAD_VERSIONS) {
  Deno.test(`keyVersion that ${what} is an error when the application is built`, () => {
    const error = assertThrows(() => build(settings), TypeError, message);
    assertFalse(error.message.includes(SECRET));
  });
}

Deno.test("cookieSecret is not printed with the application, its handlers or its settings", async () => {
  let printed = "";
  class Printer extends RequestHandler {
    override get() {
      printed = Deno.inspect([this, this.settings, this.application], { depth: 9 }) +
        JSON.stringify(this.settings) + Object.values({ ...this.settings }).join();
      assertEquals(this.settings.cookieSecret, SECRET);
    }
  }
  const settings = { cookieSecret: SECRET, loginUrl: "/login" };
  const app = new Application([["/", Printer]], settings);
  await app.fetch(new Request("http://localhost/"));
  assertFalse(printed.includes(SECRET));
  assertEquals(printed.includes("/login"), true);
  assertEquals(settings.cookieSecret, SECRET);
});

Deno.test("secret that stands alone is that of every version, one of a record of its own", () => {
  assertEquals(secretOfVersion(SECRET, 5), SECRET);
  assertEquals(secretOfVersion({ 1: "a", 2: bytes }, 2), bytes);
  assertEquals(secretOfVersion({ 1: "a" }, 2), null);
  assertEquals(signingKey(SECRET), { version: 0, secret: SECRET });
  assertEquals(signingKey({ 1: "a", 2: "b" }, 2), { version: 2, secret: "b" });
});
