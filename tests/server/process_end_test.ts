import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { processEnd } from "../../src/server/process_end.ts";
import { detectPlatform, type Platform } from "../../src/platform/platform.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { Application } from "../../src/web/application.ts";
import { ChildProcess } from "../support/child_process.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { rawRequest, RawSocket } from "../support/raw_socket.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";

const posix = Deno.build.os !== "windows";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !posix, fn });
}

function start(way: string, graceMs = 20_000): Promise<ChildProcess> {
  return ChildProcess.start("life_server.ts", { args: [way, String(graceMs)] });
}

function get(port: number, path: string): ReturnType<typeof rawRequest> {
  return rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
}

const CALLBACKS = ["second callback", "first callback"];

for (const way of ["interval", "worker", "listener"]) {
  test(`signal ends a process that is kept alive by a ${way}, after the callbacks`, async () => {
    await using child = await start(way);
    assertEquals(child.before, ["started"]);
    child.process.kill("SIGTERM");
    assertEquals((await child.process.status).code, 0);
    assertEquals(await child.rest(), CALLBACKS);
    assertEquals(await child.errors(), "");
  });
}

test("signal ends a process whose handler waits, when the grace is over, and says so", async () => {
  await using child = await start("", 100);
  const answer = get(child.port, "/forever");
  assertEquals(await child.line(), "arrived");
  child.process.kill("SIGINT");
  assertEquals((await answer).status, 503);
  assertEquals((await child.process.status).code, 1);
  assertEquals(await child.rest(), CALLBACKS);
  assertEquals((await child.errors()).match(/\n/g)?.length, 1);
  assertMatch(await child.errors(), /^Cutting connections that are open after the grace period\n/);
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  test(`second signal ends the process at once: ${signal}`, async () => {
    await using child = await start("", 600_000);
    const answer = get(child.port, "/forever").catch(() => {});
    assertEquals(await child.line(), "arrived");
    child.process.kill("SIGTERM");
    assert(await poll(() => refuses(child.port)));
    child.process.kill(signal);
    assertEquals((await child.process.status).code, code);
    await answer;
  });
}

async function refuses(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return false;
  } catch {
    return true;
  }
}

test("upload in flight is read to its end after a signal, and nobody else is let in", async () => {
  for (const path of ["/upload", "/whole"]) {
    await using child = await start("");
    using socket = await RawSocket.connect(child.port);
    await socket.write(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234`);
    if (path === "/upload") assertEquals(await child.line(), "arrived");
    // Whoever is answered now came after the upload.
    else await get(child.port, "/x");
    child.process.kill("SIGTERM");
    assert(await poll(async () => (await get(child.port, "/x")).status === 503));
    await socket.write("56789");
    const response = await socket.readResponse();
    assertEquals([response.status, response.text], [200, "10"]);
    assertEquals((await child.process.status).code, 0);
  }
});

test("upload that does not end is answered with 503 when the grace is over", async () => {
  await using child = await start("", 100);
  using socket = await RawSocket.connect(child.port);
  await socket.write("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234");
  assertEquals(await child.line(), "arrived");
  child.process.kill("SIGTERM");
  assertEquals((await socket.readResponse()).status, 503);
  assertEquals((await child.process.status).code, 1);
});

for (const how of ["is silent", "has vanished"]) {
  test(`WebSocket whose client ${how} does not keep the process`, async () => {
    await using child = await start("", 300);
    const { port } = child;
    using socket = await RawWebSocket.connect(port, "/socket");
    assertEquals(await child.line(), "arrived");
    // It leaves without a close frame, which the server has seen when it answers the next request.
    if (how === "has vanished") socket[Symbol.dispose]();
    await get(port, "/x");
    const begin = performance.now();
    child.process.kill("SIGTERM");
    await child.process.status;
    // It was 30 s; the grace, a second, and what a busy machine adds.
    assert(performance.now() - begin < 10_000);
  });
}

test("WebSocket whose client has vanished does not keep a process that stops by hand", async () => {
  await using child = await start("");
  const socket = await RawWebSocket.connect(child.port, "/socket");
  assertEquals(await child.line(), "arrived");
  socket[Symbol.dispose]();
  const begin = performance.now();
  assertEquals((await get(child.port, "/stop")).text, "done");
  assertEquals((await child.process.status).code, 0);
  assert(performance.now() - begin < 15_000);
});

test("callback that fails is logged, and the others run", async () => {
  await using child = await start("failing callback");
  child.process.kill("SIGTERM");
  assertEquals((await child.process.status).code, 0);
  assertEquals(await child.rest(), CALLBACKS);
  assertMatch(await child.errors(), /onShutdown.*Error: a callback/);
});

test("callback that never settles is given up, and the others run", async () => {
  await using child = await start("stuck callback", 100);
  child.process.kill("SIGTERM");
  assertEquals((await child.process.status).code, 1);
  assertEquals(await child.rest(), ["first callback", "second callback"].toSorted().reverse());
  assertMatch(await child.errors(), /^Gave up a callback of onShutdown/);
});

test("all servers of a process shut down before it ends", async () => {
  await using child = await start("two servers");
  assert(child.port > 0);
  child.process.kill("SIGTERM");
  assertEquals((await child.process.status).code, 0);
  const lines = (await child.rest()).filter((line) => line.endsWith("callback"));
  assertEquals(lines.toSorted(), [...CALLBACKS, ...CALLBACKS].toSorted());
});

test("server that was shut down by hand leaves signals alone, and the process running", async () => {
  await using child = await start("kept");
  assertEquals((await get(child.port, "/stop")).text, "done");
  const lines = [await child.line(), await child.line(), await child.line()];
  assertEquals(lines, [...CALLBACKS, "stopped"]);
  // One that comes while the runtime is taking its listener away is lost.
  assert(await poll(() => killed(child)));
  assertEquals((await child.process.status).signal, "SIGTERM");
});

function killed(child: ChildProcess): boolean {
  try {
    child.process.kill("SIGTERM");
    return !child.alive;
  } catch {
    // It has ended.
    return true;
  }
}

test("application that does not start ends the process with code 1", async () => {
  await using child = await start("failing start");
  assertEquals((await child.process.status).code, 1);
  assertMatch(await child.errors(), /onStart\(\) failed.*no database/s);
});

// ---- in process

class FakePlatform {
  readonly codes: number[] = [];
  readonly listeners = new Set<(signal: number) => void>();
  readonly platform: Platform = {
    ...detectPlatform(),
    exit: (code) => {
      this.codes.push(code);
    },
    onStopSignal: (callback) => {
      this.listeners.add(callback);
      return () => this.listeners.delete(callback);
    },
    onUnhandledError: () => () => {},
  };

  signal(): void {
    for (const listener of this.listeners) listener(15);
  }
}

const LISTEN = { hostname: "127.0.0.1", onListen: () => {} };

Deno.test("signals are listened to while a server wants them, and no longer", async () => {
  const fake = new FakePlatform();
  const app = new Application([], { platform: fake.platform });
  const deaf = app.listen(0, { ...LISTEN, handleSignals: false });
  assertEquals(fake.listeners.size, 0);
  const [one, two] = [app.listen(0, LISTEN), app.listen(0, LISTEN)];
  assertEquals(fake.listeners.size, 1);
  await one.shutdown();
  assertEquals(fake.listeners.size, 1);
  await two.stop();
  assertEquals(fake.listeners.size, 0);
  await using again = app.listen(0, LISTEN);
  assertEquals(fake.listeners.size, 1);
  await Promise.all([deaf.shutdown(), again.shutdown()]);
  assertEquals(fake.listeners.size, 0);
  assertEquals(fake.codes, []);
});

Deno.test("signal of an application is released with its server", async () => {
  const abort = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  const { signal } = abort;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  const server = new Application().listen(0, { ...LISTEN, handleSignals: false, signal });
  assertEquals(listeners, 1);
  await server.shutdown();
  assertEquals(listeners, 0);
});

Deno.test("process ends when every server has stopped, with the callbacks in reverse order", async () => {
  const fake = new FakePlatform();
  const order: string[] = [];
  const apps = ["a", "b"].map((name) => {
    const app = new Application([], { platform: fake.platform });
    app.onShutdown(() => order.push(`${name}1`));
    app.onShutdown(() => order.push(`${name}2`));
    return app;
  });
  const servers = apps.flatMap((app) => [app.listen(0, LISTEN), app.listen(0, LISTEN)]);
  fake.signal();
  await Promise.all(servers.map((server) => server.finished));
  assert(await poll(() => fake.codes.length > 0));
  assertEquals(fake.codes, [0]);
  for (const name of ["a", "b"]) {
    assertEquals(order.filter((entry) => entry[0] === name), [`${name}2`, `${name}1`]);
  }
  fake.signal();
  assertEquals(fake.codes, [0, 143]);
});

Deno.test("onFinish that outlasts the grace is given up, and the exit code is 1", async () => {
  const fake = new FakePlatform();
  const go = Promise.withResolvers<void>();
  class Late extends RequestHandler {
    override get() {
      this.write("done");
    }
    override onFinish() {
      return go.promise;
    }
  }
  const app = new Application([["/", Late]], { platform: fake.platform });
  const server = app.listen(0, { ...LISTEN, graceMs: 50 });
  assertEquals((await get(server.port, "/")).text, "done");
  fake.signal();
  await server.finished;
  assert(await poll(() => fake.codes.length > 0));
  assertEquals(fake.codes, [1]);
  go.resolve();
});

Deno.test("callbacks that never settle are given up when the grace of the shutdown is over", async () => {
  using records = captureLogs();
  const app = new Application();
  for (let i = 0; i < 3; i++) app.onShutdown(() => new Promise(() => {}));
  const server = app.listen(0, { ...LISTEN, handleSignals: false, graceMs: 600_000 });
  await server.shutdown({ graceMs: 10 });
  for (let i = 0; i < 3; i++) await expectLog(records, "warning", /^Gave up a callback/);
});

Deno.test("server of an application that does not start answers 503, and ends", async () => {
  using records = captureLogs();
  const go = Promise.withResolvers<void>();
  class Failing extends Application {
    override onStart() {
      return go.promise;
    }
  }
  const servers = [0, 1].map(() => {
    return new Failing().listen(0, { ...LISTEN, handleSignals: false, unhandledErrors: "exit" });
  });
  const [heard, unheard] = servers;
  using socket = await RawSocket.connect(heard?.port ?? 0);
  // The server has to be there until the request has come in.
  const bytes = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  await socket.write(bytes);
  assertEquals((await socket.readResponse()).status, 100);
  await socket.write("x");
  go.reject(new Error("no database"));
  assertEquals((await socket.readResponse()).status, 503);
  await assertRejects(() => heard?.finished ?? Promise.resolve(), Error, "no database");
  await unheard?.stop();
  for (const _ of servers) await expectLog(records, "error", /onStart\(\) failed.*no database/s);
});

Deno.test("end that fails is an end, with code 1", async () => {
  const fake = new FakePlatform();
  processEnd(fake.platform).add(() => Promise.reject(new Error("not this one")), true);
  await processEnd(fake.platform).end(0);
  assertEquals(fake.codes, [1]);
});

Deno.test("callbacks run once, when the last server of the application has stopped", async () => {
  const fake = new FakePlatform();
  let [starts, ends] = [0, 0];
  class Counted extends Application {
    override onStart() {
      starts++;
      this.onShutdown(() => ends++);
    }
  }
  const app = new Counted([], { platform: fake.platform });
  const [one, two] = [app.listen(0, LISTEN), app.listen(0, LISTEN)];
  assertEquals([starts, ends], [1, 0]);
  await one.shutdown();
  assertEquals([starts, ends], [1, 0]);
  await Promise.all([two.shutdown(), two.shutdown(), two.stop()]);
  assertEquals([starts, ends], [1, 1]);
  const three = app.listen(0, LISTEN);
  await three.shutdown();
  assertEquals([starts, ends], [2, 2]);
});

Deno.test("requests wait for onStart, and onListen too", async () => {
  const ready = Promise.withResolvers<void>();
  const order: string[] = [];
  class Slow extends Application {
    override async onStart() {
      await ready.promise;
      order.push("started");
    }
  }
  const app = new Slow();
  await using server = app.listen(0, { ...LISTEN, onListen: () => order.push("listening") });
  const answer = get(server.port, "/").then(({ status }) => order.push(String(status)));
  const second = app.fetch(new Request("http://localhost/"));
  assert(second instanceof Promise);
  ready.resolve();
  await Promise.all([answer, second.then((response) => response.body?.cancel())]);
  assertEquals(order, ["started", "listening", "404"]);
});

Deno.test("application whose onStart throws does not listen, and can be tried again", async () => {
  let port = 0;
  class Failing extends Application {
    tries = 0;
    override onStart() {
      if (this.tries++ === 0) throw new Error("not yet");
    }
  }
  const app = new Failing();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  port = listener.addr.port;
  listener.close();
  const options = { ...LISTEN, handleSignals: false };
  assertThrows(() => app.listen(port, options), Error, "not yet");
  assert(await poll(() => refuses(port)));
  await using server = app.listen(0, options);
  assertEquals((await get(server.port, "/")).status, 404);
});
