import { assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";

const KEYS = { key: "key", secret: "client-secret" };
const SETTINGS: ApplicationSettings = {
  openidConnect: { ...KEYS, issuer: "https://id.example" },
  googleOauth: KEYS,
  githubOauth: KEYS,
  facebookApiKey: "key",
  facebookSecret: "client-secret",
};

Deno.test("settings of log-ins are kept, and hide what is secret", () => {
  const { settings } = new Application([], SETTINGS);
  assertEquals(settings.openidConnect, SETTINGS.openidConnect);
  assertEquals(settings.facebookSecret, "client-secret");
  assertEquals(Object.keys(settings), ["facebookApiKey"]);
  assertEquals(/client-secret/.test(Deno.inspect(settings) + JSON.stringify(settings)), false);
});

Deno.test("settings of log-ins are checked, without quoting what is given", () => {
  const bad: Record<string, unknown> = {
    openidConnect: KEYS,
    googleOauth: { secret: "client-secret" },
    githubOauth: { key: "key", secret: ["client-secret"] },
    facebookSecret: 5,
  };
  for (const [name, value] of Object.entries(bad)) {
    const create = () => new Application([], { [name]: value } as ApplicationSettings);
    const { message } = assertThrows(create, TypeError, `the setting "${name}": expected a`);
    assertEquals(message.includes("client-secret"), false);
  }
  // Public clients have no secret.
  new Application([], { githubOauth: { key: "key" } });
});
