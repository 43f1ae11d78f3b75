import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sleep } from "../../src/concurrent/coroutine/sleep.ts";
import { withTimeout } from "../../src/concurrent/waiting/with_timeout.ts";
import { TimeoutError } from "../../src/concurrent/waiting/timeout_error.ts";
import { IOLoop } from "../../src/concurrent/loop/io_loop.ts";
import { PeriodicCallback } from "../../src/concurrent/loop/periodic_callback.ts";
import { fakeTime } from "../../src/testing/fake_time.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { Application } from "../../src/web/application.ts";
import { timeout } from "../../src/web/middleware/timeout.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";

Deno.test("time stands still, and passes when a test says so", async () => {
  using time = fakeTime({ now: 1_000 });
  assertEquals([Date.now(), time.now], [1_000, 1_000]);
  const start = performance.now();
  await time.tick(2_500);
  assertEquals([Date.now(), performance.now() - start], [3_500, 2_500]);
});

Deno.test("time is given back at the end of the block", () => {
  const { setTimeout: before } = globalThis;
  {
    using _time = fakeTime();
    assert(globalThis.setTimeout !== before);
    assertThrows(() => fakeTime(), Error, "faked already");
  }
  assert(globalThis.setTimeout === before);
});

Deno.test("sleep(), callLater() and PeriodicCallback wait for the test", async () => {
  using time = fakeTime();
  const heard: string[] = [];
  const slept = sleep(100).then(() => heard.push("slept"));
  IOLoop.current().callLater(50, () => void heard.push("later"));
  using ticker = new PeriodicCallback(() => void heard.push("tick"), 40);
  ticker.start();
  assertEquals(time.pending, 3);
  await time.tick(100);
  await slept;
  assertEquals(heard, ["tick", "later", "tick", "slept"]);
});

Deno.test("a timeout of the house passes with the test's time", async () => {
  using time = fakeTime();
  const never = withTimeout(60_000, new Promise(() => {}));
  never.catch(() => {});
  await time.tick(60_000);
  await assertRejects(() => never, TimeoutError);
});

Deno.test("what blocks the loop makes timers late, and fires none twice", async () => {
  using time = fakeTime();
  let ticks = 0;
  using ticker = new PeriodicCallback(() => void ticks++, 10);
  ticker.start();
  time.block(1_000);
  await time.tick(0);
  assertEquals(ticks, 1);
});

Deno.test("requests and WebSockets go on while time stands still", async () => {
  class Slow extends RequestHandler {
    override async get() {
      await sleep(5_000);
      this.write(`${Date.now()}`);
    }
  }
  class Echo extends WebSocketHandler {
    override onMessage(message: string) {
      this.writeMessage(message);
    }
  }
  using time = fakeTime({ now: 0 });
  await using t = testServer(new Application([["/", Slow], ["/ws", Echo]]));
  const response = t.get("/");
  const socket = await t.websocket("/ws");
  socket.writeMessage("hello");
  assertEquals(await socket.readMessage(), "hello");
  await time.tick(5_000);
  assertEquals(await (await response).text(), "5000");
});

Deno.test("a request that takes too long is answered when the test says so", async () => {
  class Stuck extends RequestHandler {
    override get(): Promise<void> {
      return new Promise((resolve) => {
        this.request.signal.addEventListener("abort", () => resolve());
      });
    }
  }
  using time = fakeTime();
  const app = new Application([["/", Stuck]], { middleware: [timeout(30_000)] });
  await using t = testServer(app);
  const response = t.get("/");
  await time.tick(30_000);
  assertEquals((await response).status, 503);
});

Deno.test("a test ends although time stands still", async () => {
  class Echo extends WebSocketHandler {}
  const time = fakeTime();
  {
    await using t = testServer(new Application([["/ws", Echo]]));
    await t.websocket("/ws");
    const paused = await t.websocket("/ws");
    paused.pause();
  }
  time[Symbol.dispose]();
});
