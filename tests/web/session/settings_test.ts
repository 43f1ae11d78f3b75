import { assertEquals, assertThrows } from "@std/assert";
import { Application, MemorySessionStore, type SessionOptions } from "@gustnado/gustnado";
import { sessionPolicy } from "../../../src/web/session/settings.ts";

Deno.test("options of sessions are checked when the application is built", () => {
  const bad: [unknown, string][] = [
    [true, 'Cannot use true as the setting "session": expected the options of sessions'],
    [{ timeout: 1 }, 'Unknown option "timeout" of "session"'],
    [{ constructor: 1 }, 'Unknown option "constructor" of "session"'],
    [{ idleTimeout: 0 }, '"session.idleTimeout": expected a positive number of milliseconds'],
    [{ lifetime: "1h" }, '"session.lifetime": expected a positive number of milliseconds'],
    [{ lifetime: Infinity }, '"session.lifetime": expected a positive number of milliseconds'],
    [{ store: {} }, '"session.store": expected a store with load, replace and delete'],
    [{ store: null }, '"session.store": expected a store'],
    [{ cookieName: "a b" }, '"session.cookieName": expected the name of a cookie'],
    [{ persistent: 1 }, '"session.persistent": expected a boolean'],
    [{ cookieOptions: "Lax" }, '"session.cookieOptions": expected an object'],
    [
      { cookieOptions: { httpOnly: false } },
      'Unknown option "httpOnly" of "session.cookieOptions"',
    ],
    [{ cookieOptions: { maxAge: 60 } }, 'Unknown option "maxAge" of "session.cookieOptions"'],
    [{ clock: 0 }, '"session.clock": expected a function'],
  ];
  for (const [session, message] of bad) {
    const settings = { session } as { session: SessionOptions };
    assertThrows(() => new Application([], settings), TypeError, message);
  }
});

Deno.test("options of sessions may all be left out, or be undefined where types allow it", () => {
  new Application([], { session: {} });
  new Application([], { session: { store: new MemorySessionStore(), cookieName: "__Host-id" } });
  const { idleTimeout, lifetime, cookieName, store, persistent } = sessionPolicy();
  assertEquals(
    { idleTimeout, lifetime, cookieName, store, persistent },
    {
      idleTimeout: 1_800_000,
      lifetime: 43_200_000,
      cookieName: "session",
      store: null,
      persistent: false,
    },
  );
});
