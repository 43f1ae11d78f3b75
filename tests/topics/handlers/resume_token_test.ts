import { assertEquals } from "@std/assert";
import {
  issueToken,
  readToken,
  SESSION_LIFE,
  TOKEN_RENEWAL,
} from "../../../src/topics/handlers/resume_token.ts";
import { type Renewable, renewals } from "../../../src/topics/handlers/token_renewals.ts";
import { Application } from "../../../src/web/application.ts";
import { fakeClock } from "../../support/fake_clock.ts";

const application = new Application([], { cookieSecret: { 1: "old", 2: "new" }, keyVersion: 2 });
const owner = { application, handlerName: "Chat", user: "ada" };

Deno.test("token holds for an hour", () => {
  const token = issueToken("s", owner, 1_000);
  assertEquals(readToken(token, owner, 1_000 + SESSION_LIFE), "s");
  assertEquals(readToken(token, owner, 1_001 + SESSION_LIFE), null);
});

Deno.test("token holds while its version of the secret does", () => {
  const old = new Application([], { cookieSecret: { 1: "old" }, keyVersion: 1 });
  assertEquals(readToken(issueToken("s", { ...owner, application: old }), owner), "s");
});

Deno.test("token is its owner's", () => {
  const token = issueToken("s", owner);
  assertEquals(readToken(token, owner), "s");
  assertEquals(readToken(token, { ...owner, user: "bob" }), null);
  assertEquals(readToken(token, { ...owner, handlerName: "Other" }), null);
});

Deno.test("connections are given another token every ten minutes, as long as they are there", async () => {
  using clock = fakeClock();
  const renewed: string[] = [];
  const connection = (name: string): Renewable => ({ renewToken: () => void renewed.push(name) });
  const [first, second] = [connection("first"), connection("second")];
  renewals.add(first);
  await clock.tick(TOKEN_RENEWAL / 2);
  renewals.add(second);
  await clock.tick(TOKEN_RENEWAL / 2);
  assertEquals(renewed, ["first"]);
  await clock.tick(TOKEN_RENEWAL);
  assertEquals(renewed, ["first", "second", "first"]);
  renewals.delete(first);
  await clock.tick(TOKEN_RENEWAL);
  assertEquals(renewed, ["first", "second", "first", "second"]);
  renewals.delete(second);
  assertEquals(clock.pending(), 0);
});
