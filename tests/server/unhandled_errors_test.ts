import { assert, assertEquals, assertMatch } from "@std/assert";
import { logUnhandledErrors } from "../../src/server/unhandled_errors.ts";
import { detectPlatform, type Platform, type UnhandledError } from "../../src/platform/platform.ts";
import { Application } from "../../src/web/application.ts";
import { ChildProcess } from "../support/child_process.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { rawRequest } from "../support/raw_socket.ts";

function start(way = ""): Promise<ChildProcess> {
  return ChildProcess.start("life_server.ts", { args: [way] });
}

function get(port: number, path: string): ReturnType<typeof rawRequest> {
  return rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
}

const SLIPS: [path: string, message: RegExp][] = [
  [
    "/forgotten",
    /Unhandled rejection: perhaps an "await" is missing where Handler\.work\(\) is called Error: a lost rejection\n +at/,
  ],
  [
    "/late",
    /Unhandled rejection in GET \/late, after its answer of 200: .* where Handler\.writeLate\(\) is called Error: Cannot write\(\) after finish/,
  ],
  ["/revoked", /Unhandled rejection: perhaps an "await" is missing/],
  ["/timer", /Uncaught error in a callback that nobody waits for.* Error: a timer\n +at/],
];

for (const [path, message] of SLIPS) {
  Deno.test(`process outlives a slip of a handler, which is logged: ${path}`, async () => {
    await using child = await start();
    assertEquals((await get(child.port, path)).text, "done");
    assert(await child.error(message), await child.errors());
    assertEquals((await get(child.port, "/x")).text, "done");
  });
}

for (const path of ["/forgotten", "/timer"]) {
  Deno.test(`unhandledErrors "exit" ends the process with code 1: ${path}`, async () => {
    await using child = await start("exit");
    await get(child.port, path).catch(() => {});
    assertEquals((await child.process.status).code, 1);
    assertMatch(await child.errors(), /error: .*Uncaught/);
  });
}

Deno.test("main module that fails ends the process with code 1", async () => {
  await using child = await start("failing main module");
  assertEquals((await child.process.status).code, 1);
  assertMatch(await child.errors(), /error: Uncaught \(in promise\) Error: not configured\n +at/);
});

Deno.test("errors go to the application's own listener where it has one", async () => {
  await using child = await start("listener of the application's own");
  await get(child.port, "/forgotten");
  assertEquals(await child.line(), "seen a lost rejection");
  assertEquals(await child.errors(), "");
});

Deno.test("errors go to the listeners of Node's kind where there are any", async () => {
  await using child = await start("listener of Node's kind");
  await get(child.port, "/forgotten");
  assertEquals(await child.line(), "seen a lost rejection");
  await get(child.port, "/timer");
  assertEquals(await child.line(), "seen a timer");
  assertEquals((await get(child.port, "/x")).text, "done");
  assertEquals(await child.errors(), "");
});

// ---- in process

class FakePlatform {
  readonly callbacks = new Set<(unhandled: UnhandledError) => void>();
  readonly platform: Platform = {
    ...detectPlatform(),
    onUnhandledError: (callback) => {
      this.callbacks.add(callback);
      return () => this.callbacks.delete(callback);
    },
  };

  fail(unhandled: UnhandledError): void {
    for (const callback of this.callbacks) callback(unhandled);
  }
}

Deno.test("errors are logged while a server listens, and no longer", async () => {
  const fake = new FakePlatform();
  const options = { hostname: "127.0.0.1", handleSignals: false, onListen: () => {} };
  const app = new Application([], { platform: fake.platform });
  const exits = app.listen(0, { ...options, unhandledErrors: "exit" });
  assertEquals(fake.callbacks.size, 0);
  await app.fetch(new Request("http://localhost/"));
  assertEquals(fake.callbacks.size, 0);
  const [one, two] = [app.listen(0, options), app.listen(0, options)];
  assertEquals(fake.callbacks.size, 1);
  await one.shutdown();
  assertEquals(fake.callbacks.size, 1);
  await Promise.all([two.shutdown(), exits.shutdown()]);
  assertEquals(fake.callbacks.size, 0);
  const again = app.listen(0, options);
  assertEquals(fake.callbacks.size, 1);
  await again.shutdown();
  assertEquals(fake.callbacks.size, 0);
});

Deno.test("setting unhandledErrors counts where listen has none", async () => {
  const fake = new FakePlatform();
  const app = new Application([], { platform: fake.platform, unhandledErrors: "exit" });
  await using _server = app.listen(0, { hostname: "127.0.0.1", onListen: () => {} });
  assertEquals(fake.callbacks.size, 0);
});

Deno.test("whatever was thrown is logged, errors or not", async () => {
  using records = captureLogs();
  const fake = new FakePlatform();
  const release = logUnhandledErrors(fake.platform);
  for (const error of [undefined, null, "text", 1, { a: 1 }, Object.create(null)]) {
    fake.fail({ kind: "rejection", error });
    await expectLog(records, "error", /^Unhandled rejection: perhaps an "await" is missing\n/);
    fake.fail({ kind: "exception", error });
    await expectLog(records, "error", /^Uncaught error in a callback that nobody waits for\n/);
  }
  release();
  assertEquals(fake.callbacks.size, 0);
});

Deno.test("place that is named is the outermost call of the application's own", async () => {
  using records = captureLogs();
  const fake = new FakePlatform();
  const release = logUnhandledErrors(fake.platform);
  const error = new Error("x");
  error.stack = `Error: x
    at inner (file:///a.ts:1:1)
    at async Outer.method (file:///a.ts:2:2)
    at async next (ext:core/01.js:1:1)
    at async file:///a.ts:3:3`;
  fake.fail({ kind: "rejection", error });
  await expectLog(records, "error", /where Outer\.method\(\) is called/);
  const house = new URL("../../src/", import.meta.url);
  error.stack = `Error: x
    at lose (file:///a.ts:1:1)
    at Outer.get (file:///a.ts:2:2)
    at Listener.#answer (${house}server/listener.ts:3:3)
    at dispatch (ext:core/01.js:1:1)`;
  fake.fail({ kind: "rejection", error });
  await expectLog(records, "error", /an "await" is missing in Outer\.get\(\)/);
  release();
});
