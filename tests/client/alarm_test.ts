import { assert, assertEquals } from "@std/assert";
import { type Alarm, AlarmClock } from "../../src/client/attempt/alarm.ts";
import { HTTPTimeoutError } from "../../src/client/client_error.ts";
import { Deadline } from "../../src/client/attempt/deadline.ts";
import { fakeClock } from "../support/fake_clock.ts";

/** Alarms that write down who rang. */
function recorder() {
  const rung: string[] = [];
  const alarm = (at: number, name = String(at)): Alarm => ({ at, ring: () => rung.push(name) });
  return { rung, alarm };
}

const DAY = 86_400_000;

for (const shared of [true, false]) {
  const kind = shared ? "one timer for all" : "a timer for each";

  Deno.test(`alarms ring when they are due, and once, with ${kind}`, async () => {
    using clock = fakeClock();
    const { rung, alarm } = recorder();
    const alarms = new AlarmClock({ shared });
    for (const at of [300, 100, 200, 100]) alarms.start(alarm(at));
    await clock.tick(99);
    assertEquals(rung, []);
    await clock.tick(1);
    assertEquals(rung, ["100", "100"]);
    await clock.tick(100);
    assertEquals(rung, ["100", "100", "200"]);
    await clock.tick(1_000);
    assertEquals([rung.length, clock.pending()], [4, 0]);
    alarms.close();
  });

  Deno.test(`alarm that was stopped does not ring, and hinders no other, with ${kind}`, async () => {
    using clock = fakeClock();
    const { rung, alarm } = recorder();
    const alarms = new AlarmClock({ shared });
    const handles = [100, 200, 300].map((at) => alarms.start(alarm(at)));
    for (const handle of handles.slice(0, 2)) alarms.stop(handle);
    for (const handle of handles.slice(0, 1)) alarms.stop(handle);
    await clock.tick(250);
    assertEquals(rung, []);
    await clock.tick(50);
    assertEquals(rung, ["300"]);
    alarms.start(alarm(350));
    alarms.start(alarm(320));
    await clock.tick(20);
    assertEquals(rung, ["300", "320"]);
    await clock.tick(30);
    assertEquals(rung, ["300", "320", "350"]);
    alarms.close();
    assertEquals(clock.pending(), 0);
  });

  Deno.test(`alarm may start and stop others when it rings, with ${kind}`, async () => {
    using clock = fakeClock();
    const { rung, alarm } = recorder();
    const alarms = new AlarmClock({ shared });
    const first: Alarm = {
      at: 100,
      ring() {
        rung.push("first");
        alarms.stop(second);
        alarms.start(alarm(150, "third"));
      },
    };
    alarms.start(first);
    const second = alarms.start(alarm(100, "second"));
    await clock.tick(100);
    assertEquals(rung, ["first"]);
    await clock.tick(50);
    assertEquals(rung, ["first", "third"]);
    alarms.close();
  });

  Deno.test(`alarm that is due rings at once, and one in a year not before, with ${kind}`, async () => {
    using clock = fakeClock();
    const { rung, alarm } = recorder();
    const alarms = new AlarmClock({ shared });
    alarms.start(alarm(-5, "past"));
    const handle = alarms.start(alarm(365 * DAY, "a year"));
    await clock.tick(1);
    assertEquals(rung, ["past"]);
    // A timer counts 24.8 days: this goes over the end of fourteen.
    for (let days = 0; days < 364; days++) await clock.tick(DAY);
    assertEquals(rung, ["past"]);
    await clock.tick(DAY);
    assertEquals(rung, ["past", "a year"]);
    alarms.stop(handle);
    alarms.close();
    assertEquals(clock.pending(), 0);
  });

  Deno.test(`clock that is closed keeps its alarms, and no timer after the last, with ${kind}`, async () => {
    using clock = fakeClock();
    const { rung, alarm } = recorder();
    const alarms = new AlarmClock({ shared });
    alarms.start(alarm(100));
    const handle = alarms.start(alarm(200));
    alarms.close();
    await clock.tick(100);
    assertEquals(rung, ["100"]);
    assertEquals(clock.pending(), 1);
    alarms.stop(handle);
    assertEquals(clock.pending(), 0);
    await clock.tick(100);
    assertEquals(rung, ["100"]);
    // What is under way may begin another part of it.
    alarms.start(alarm(400));
    await clock.tick(200);
    assertEquals([rung, clock.pending()], [["100", "400"], 0]);
  });
}

Deno.test("one timer serves all alarms, and the next earlier one", () => {
  using clock = fakeClock();
  const { alarm } = recorder();
  const alarms = new AlarmClock({ shared: true });
  for (let at = 1_000; at > 990; at--) alarms.start(alarm(at));
  assertEquals(clock.pending(), 1);
  alarms.close();
});

Deno.test("alarm of a runtime that cannot share a timer has its own", async () => {
  using clock = fakeClock();
  const { rung, alarm } = recorder();
  const deno = globalThis.Deno;
  const alarms = new AlarmClock({ shared: true });
  try {
    Reflect.deleteProperty(globalThis, "Deno");
    Reflect.set(globalThis, "WebSocketPair", class {});
    for (const at of [200, 100]) alarms.start(alarm(at));
  } finally {
    Reflect.deleteProperty(globalThis, "WebSocketPair");
    Object.defineProperty(globalThis, "Deno", {
      value: deno,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
  assertEquals(clock.pending(), 2);
  await clock.tick(100);
  assertEquals(rung, ["100"]);
  await clock.tick(100);
  assertEquals([rung, clock.pending()], [["100", "200"], 0]);
});

/** A deadline that begins now. */
function deadline(timeout: number, outer?: AbortSignal) {
  const clock = new AlarmClock({ shared: false });
  return new Deadline(timeout, { clock, started: performance.now(), outer });
}

Deno.test("deadline aborts with its phase and its time when that is over", async () => {
  using clock = fakeClock();
  using end = deadline(100);
  await clock.tick(99);
  assertEquals(end.signal.aborted, false);
  await clock.tick(1);
  assert(end.signal.reason instanceof HTTPTimeoutError);
  assertEquals(end.signal.reason.message, "HTTP 599: Timeout in the request queue after 100 ms");
});

Deno.test("deadline without an end has no timer", () => {
  using clock = fakeClock();
  for (const timeout of [0, Infinity]) {
    using end = deadline(timeout);
    end.connecting(timeout);
    assertEquals([clock.pending(), end.at], [0, Infinity]);
  }
});

Deno.test("deadline for the connection is over with the first sign of life", async () => {
  using clock = fakeClock();
  using end = deadline(1_000);
  end.connecting(100);
  assertEquals([end.phase, clock.pending()], ["while connecting", 2]);
  await clock.tick(99);
  end.connected();
  end.connected();
  assertEquals([end.phase, clock.pending()], ["during the request", 1]);
  await clock.tick(100);
  assertEquals(end.signal.aborted, false);
  end.connecting(50);
  await clock.tick(50);
  assertEquals(
    String(end.signal.reason),
    "HTTPTimeoutError: HTTP 599: Timeout while connecting after 50 ms",
  );
});

Deno.test("deadline lets go of its timers and of the caller's signal", async () => {
  using clock = fakeClock();
  const outer = new AbortController();
  const end = deadline(100, outer.signal);
  end.connecting(50);
  end[Symbol.dispose]();
  assertEquals(clock.pending(), 0);
  outer.abort(new Error("late"));
  await clock.tick(1_000);
  assertEquals(end.signal.aborted, false);
  using cancelled = deadline(100, outer.signal);
  assertEquals(cancelled.signal.reason, outer.signal.reason);
});

Deno.test("deadline gives what comes first, a result or the end", async () => {
  using clock = fakeClock();
  let ends = 0;
  const count = () => void ends++;
  using end = deadline(100);
  assertEquals(await end.race(Promise.resolve(1), count), 1);
  const failed = await end.race(Promise.reject(new Error("no")), count).catch(String);
  assertEquals([failed, ends], ["Error: no", 0]);
  const endless = end.race(new Promise(() => {}), count).catch((error) => error);
  await clock.tick(100);
  assertEquals([await endless, ends >= 1], [end.signal.reason, true]);
});
