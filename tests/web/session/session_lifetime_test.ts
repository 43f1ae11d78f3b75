import { assertEquals } from "@std/assert";
import { MemorySessionStore, type SessionOptions, type SessionStore } from "@gustnado/gustnado";
import { Visitor } from "../../support/visitor.ts";
import { sessionApplication } from "./session_application.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A clock that only the test moves. */
class Clock {
  now = 1_700_000_000_000;
  readonly read = () => this.now;
}

/** A store that forgets nothing, so that what ends a session is not the store. */
class EternalStore extends MemorySessionStore {
  writes = 0;
  readonly ttls: number[] = [];

  override replace(
    ...[key, record, options]: Parameters<SessionStore["replace"]>
  ): Promise<boolean> {
    this.writes++;
    this.ttls.push(options.ttlMs);
    return super.replace(key, record, { ...options, ttlMs: 1e9 });
  }
}

/** A rule of time, wherever sessions are kept. */
function rule(
  name: string,
  fn: (clock: Clock, visitor: () => Visitor) => Promise<void>,
  options: SessionOptions = {},
) {
  const keepers: [string, () => SessionOptions][] = [
    ["in a cookie", () => ({})],
    ["in a store", () => ({ store: new EternalStore() })],
  ];
  for (const [where, keeper] of keepers) {
    Deno.test(`session ${where} ${name}`, async () => {
      const clock = new Clock();
      const app = sessionApplication({ ...keeper(), ...options, clock: clock.read });
      await fn(
        clock,
        () =>
          new Visitor(async (path, init) =>
            await app.fetch(new Request(`http://localhost${path}`, init))
          ),
      );
    });
  }
}

rule("ends after 30 minutes without a request", async (clock, visitor) => {
  const [early, late] = [visitor(), visitor()];
  await early.fetch("/count");
  await late.fetch("/count");
  clock.now += 30 * MINUTE - 1;
  assertEquals(await early.text("/count"), "2");
  clock.now += 1;
  assertEquals(await late.text("/count"), "1");
});

rule("goes on while somebody looks at it, up to 12 hours", async (clock, visitor) => {
  const busy = visitor();
  await busy.fetch("/count");
  for (let time = 0; time < 12 * HOUR - 20 * MINUTE; time += 20 * MINUTE) {
    clock.now += 20 * MINUTE;
    assertEquals(JSON.parse(await busy.text("/show")).visits, 1);
  }
  clock.now += 20 * MINUTE - 1;
  assertEquals(JSON.parse(await busy.text("/show")).visits, 1);
  clock.now += 1;
  assertEquals(JSON.parse(await busy.text("/show")).isNew, true);
});

rule("begins its 12 hours anew with regenerate()", async (clock, visitor) => {
  const busy = visitor();
  await busy.fetch("/count");
  for (let time = 0; time < 11 * HOUR; time += 20 * MINUTE) {
    clock.now += 20 * MINUTE;
    await busy.fetch("/show");
  }
  await busy.fetch("/login?user=Ada", { method: "POST" });
  for (let time = 0; time < 11 * HOUR; time += 20 * MINUTE) {
    clock.now += 20 * MINUTE;
    assertEquals(JSON.parse(await busy.text("/show")).user, "Ada");
  }
});

rule(
  "is renewed when a tenth of its idle time has passed, and not before",
  async (clock, visitor) => {
    const reader = visitor();
    await reader.fetch("/count");
    clock.now += 10_000 - 1;
    assertEquals((await reader.fetch("/show")).headers.getSetCookie().length, 0);
    clock.now += 1;
    // A page that does not look at the session does not renew it.
    assertEquals((await reader.fetch("/")).headers.getSetCookie().length, 0);
    assertEquals((await reader.fetch("/show")).headers.getSetCookie().length, 1);
    clock.now += 100_000 - 1;
    assertEquals(JSON.parse(await reader.text("/show")).isNew, false);
  },
  { idleTimeout: 100_000, persistent: true },
);

rule("tells a persistent cookie how long it lasts at most", async (clock, visitor) => {
  const busy = visitor();
  const [first = ""] = (await busy.fetch("/count")).headers.getSetCookie();
  assertEquals(/Max-Age=(\d+)/.exec(first)?.[1], "100");
  clock.now += 70_000;
  const [second = ""] = (await busy.fetch("/count")).headers.getSetCookie();
  assertEquals(/Max-Age=(\d+)/.exec(second)?.[1], "80");
}, { idleTimeout: 100_000, lifetime: 150_000, persistent: true });

Deno.test("session in a store is written when it is changed or due, for as long as it lasts", async () => {
  const clock = new Clock();
  const store = new EternalStore();
  const options = { store, clock: clock.read, idleTimeout: 100_000, lifetime: 150_000 };
  const app = sessionApplication(options);
  const visitor = new Visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
  await visitor.fetch("/count");
  for (let i = 0; i < 5; i++) await visitor.fetch("/show");
  assertEquals(store.ttls, [100_000]);
  clock.now += 60_000;
  await visitor.fetch("/");
  await visitor.fetch("/show");
  await visitor.fetch("/show");
  assertEquals(store.ttls, [100_000, 90_000]);
});
