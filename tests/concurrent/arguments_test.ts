/** What the toolkit says to arguments and options that make no sense: at once, and with the way out. */
import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import {
  BoundedSemaphore,
  Condition,
  coroutine,
  IOLoop,
  LifoQueue,
  Lock,
  locks,
  multi,
  PeriodicCallback,
  PriorityQueue,
  Queue,
  Semaphore,
  sleep,
  WaitIterator,
  withTimeout,
  WorkerPool,
} from "@gustnado/gustnado";

/** What a JavaScript caller can pass, which TypeScript would not let through. */
// deno-lint-ignore no-explicit-any
type Anything = any;

const loop = IOLoop.current();
const nothing = (): void => {};
const done = Promise.resolve();
const task = (): number => 1;
const pool = new WorkerPool({ size: 1 });

/** What must fail: the call, the class of its error, and a part of what it says. */
type Row = readonly [call: (value: Anything) => unknown, value: Anything, error: string];

const NOT_GIVEN: Readonly<Record<string, (nothing: undefined) => unknown>> = {
  "Queue maxsize": (none) => new Queue(none, { storage: none } as Anything),
  "LifoQueue maxsize": (none) => new LifoQueue(none),
  "PriorityQueue": (none) => new PriorityQueue(none, { compare: none } as Anything),
  "Semaphore value": (none) => new Semaphore(none),
  "BoundedSemaphore value": (none) => new BoundedSemaphore(none),
  "Condition count": (none) => new Condition().notify(none),
  "lock options": (none) => new Lock().acquire({ timeout: none, signal: none }),
  "sleep options": (none) => sleep(0, { signal: none }),
  "withTimeout options": (none) => withTimeout(1, done, { quiet: none, signal: none } as Anything),
  "runSync options": (none) => loop.runSync(nothing, { timeout: none }),
  "PeriodicCallback options": (none) =>
    new PeriodicCallback(nothing, 1, { jitter: none, unref: none, random: none } as Anything),
  "multi options": (none) => multi([], { quiet: none } as Anything),
  "WorkerPool options": (none) =>
    new WorkerPool({ size: none, maxQueue: none, idleTimeout: none } as Anything),
  "addTimeout parts": (none) =>
    loop.removeTimeout(loop.addTimeout({ seconds: none, hours: 1 } as Anything, nothing)),
};

const wait = (what: (options: Anything) => unknown): readonly Row[] => [
  [what, { timeout: -1 }, "RangeError: Cannot use timeout -1: it must be 0 milliseconds or more"],
  [what, { timeout: NaN }, "RangeError: Cannot use timeout NaN"],
  [
    what,
    { timeout: "1s" },
    'TypeError: Cannot use timeout "1s": it must be a number of ' +
    "milliseconds, not string; write 1000",
  ],
  [what, { timeout: null }, "TypeError: Cannot use timeout null"],
  [what, { signal: new AbortController() }, 'as the option "signal": expected an AbortSignal'],
  [what, { timeOut: 5 }, 'TypeError: Unknown option "timeOut"'],
  [
    what,
    1_000,
    "TypeError: Cannot read any option from 1000: expected an object, such as { timeout: … }",
  ],
  [what, null, "TypeError: Cannot read any option from null"],
];

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "lock acquire": wait((options) => new Lock().acquire(options)),
  "semaphore acquire": wait((options) => new Semaphore().acquire(options)),
  "event wait": wait((options) => new locks.Event().wait(options)),
  "condition wait": wait((options) => new Condition().wait(options)),
  "queue get": wait((options) => new Queue().get(options)),
  "queue put": wait((options) => new Queue().put(1, options)),
  "queue join": wait((options) => new Queue().join(options)),
  "condition notify": [
    [(count) => new Condition().notify(count), "2", 'TypeError: Cannot notify "2" waiters'],
    [(count) => new Condition().notify(count), 1.5, "RangeError: Cannot notify 1.5 waiters"],
  ],
  "semaphore": [-1, NaN, 1.5, Infinity].flatMap((value): Row[] => [
    [
      (value) => new Semaphore(value),
      value,
      `RangeError: Cannot make a semaphore of value ${value}`,
    ],
    [(value) => new BoundedSemaphore(value), value, "RangeError: Cannot make a semaphore of value"],
  ]).concat([
    [
      (value) => new Semaphore(value),
      "3",
      'TypeError: Cannot make a semaphore of value "3": it ' +
      "must be a number, not string",
    ],
    [
      (value) => new BoundedSemaphore(value),
      null,
      "TypeError: Cannot make a semaphore of value null",
    ],
  ]),
  "queues": [Queue, LifoQueue, PriorityQueue].flatMap((Class): Row[] => [
    [
      (maxsize) => new Class(maxsize),
      "3",
      'TypeError: Cannot make a queue of maxsize "3": it must ' +
      "be a number, 0 for no limit",
    ],
    [(maxsize) => new Class(maxsize), -1, "RangeError: Cannot make a queue of maxsize -1"],
    [(maxsize) => new Class(maxsize), NaN, "RangeError: Cannot make a queue of maxsize NaN"],
    [(maxsize) => new Class(maxsize), [1], "TypeError: Cannot make a queue of maxsize an array"],
  ]),
  "queue options": [
    [(options) => new Queue(0, options), { store: [] }, 'TypeError: Unknown option "store"'],
    [(options) => new Queue(0, options), { storage: 5 }, 'Cannot use 5 as the option "storage"'],
    [(options) => new PriorityQueue(0, options), { compare: 1 }, "expected a function"],
    [
      (options) => new PriorityQueue(0, options),
      function byAge() {},
      "Cannot read any option from the function byAge: expected an object, such as { compare: … }",
    ],
  ],
  "sleep": [
    [
      (ms) => sleep(ms),
      "5",
      'TypeError: Cannot use delay "5": it must be a number of milliseconds, ' +
      "not string; write 5",
    ],
    [
      (ms) => sleep(ms),
      "soon",
      'TypeError: Cannot use delay "soon": it must be a number of ' +
      "milliseconds, not string",
    ],
    [(ms) => sleep(ms), undefined, "TypeError: Cannot use delay undefined"],
    [(options) => sleep(1, options), { abort: 1 }, 'Unknown option "abort"'],
    [(options) => sleep(1, options), { signal: true }, "expected an AbortSignal"],
  ],
  "withTimeout": [
    [(ms) => withTimeout(ms, done), "1.5s", "write 1500"],
    [(value) => withTimeout(1, value), 5, "BadYieldError: Cannot wait for the number 5"],
    [
      (value) => withTimeout(value, 5 as Anything),
      done,
      "Cannot use timeout an object of class Promise",
    ],
    [(value) => withTimeout(1, value), [1], "BadYieldError: Cannot wait for the number 1"],
    [(options) => withTimeout(1, done, options), { quiet: TypeError }, "an array of error classes"],
    [
      (options) => withTimeout(1, done, options),
      { quiet: [undefined] },
      "an array of error classes",
    ],
    [(options) => withTimeout(1, done, options), { quiet: [nothing] }, "an array of error classes"],
    [
      (options) => withTimeout(1, done, options),
      { quiet_exceptions: true },
      'Unknown option "quiet_exceptions"',
    ],
  ],
  "multi": [
    [
      (children) => multi(children),
      5,
      "BadYieldError: Cannot wait for the number 5: give an array",
    ],
    [(children) => multi(children), null, "BadYieldError: Cannot wait for null"],
    [(children) => multi(children), undefined, "BadYieldError: Cannot wait for undefined"],
    [(children) => multi(children), new Map(), "Cannot wait for an object of class Map"],
    [(options) => multi([], options), { quiet: "all" }, 'Cannot use "all" as the option "quiet"'],
  ],
  "WaitIterator": [
    [(input) => new WaitIterator(input), 5, "BadYieldError: Cannot wait for input 0: the number 5"],
    [(input) => new WaitIterator(input), null, "BadYieldError: Cannot wait for input 0: null"],
    [(input) => new WaitIterator(done, input), 5, "BadYieldError: Cannot wait for input 1"],
    [(input) => new WaitIterator(input), { a: 5 }, 'Cannot wait for input "a"'],
  ],
  "coroutine": [
    [
      (yielded) =>
        coroutine(function* () {
          yield yielded;
        })(),
      5,
      "BadYieldError: Cannot wait for the number 5",
    ],
  ],
  "callLater and callAt": [
    [(ms) => loop.callLater(ms, nothing), "10", 'TypeError: Cannot use delay "10"'],
    [(ms) => loop.callLater(ms, nothing), NaN, "RangeError: Cannot use delay NaN"],
    [(ms) => loop.callAt(ms, nothing), "10", 'TypeError: Cannot use time "10"'],
    [(callback) => loop.callLater(1, callback), undefined, "Cannot call later: undefined is not"],
    [(callback) => loop.callAt(1, callback), "f", 'Cannot call later: "f" is not a function'],
    [(callback) => loop.callLater(callback, 1 as Anything), nothing, "the function nothing"],
  ],
  "callbacks of the loop": [
    [(callback) => loop.addCallback(callback), undefined, "TypeError: Cannot add a callback"],
    [
      (callback) => loop.addCallback(callback),
      done,
      "Give the function itself, without calling it",
    ],
    [(callback) => loop.spawnCallback(callback), 5, "TypeError: Cannot add a callback: 5 is not"],
    [(future) => loop.addFuture(future, nothing), nothing, "it must be a promise"],
    [
      (callback) => loop.addFuture(done, callback),
      null,
      "TypeError: Cannot add a future's callback",
    ],
  ],
  "addTimeout": [
    [(deadline) => loop.addTimeout(deadline, nothing), "5s", 'time from "5s"'],
    [(deadline) => loop.addTimeout(deadline, nothing), NaN, "RangeError: Cannot use time NaN"],
    [
      (deadline) => loop.addTimeout(deadline, nothing),
      new Date(NaN),
      "RangeError: Cannot use the Date",
    ],
    [
      (deadline) => loop.addTimeout(deadline, nothing),
      { second: 5 },
      'Unknown part of a length of time "second"',
    ],
    [
      (deadline) => loop.addTimeout(deadline, nothing),
      { seconds: "5" },
      'Cannot use "5" as the part',
    ],
    [
      (deadline) => loop.addTimeout(deadline, nothing),
      { hours: NaN },
      "Cannot use NaN as the part",
    ],
    [(deadline) => loop.addTimeout(deadline, nothing), undefined, "time from undefined"],
    [
      (callback) => loop.addTimeout({ seconds: 1 }, callback),
      undefined,
      "TypeError: Cannot call later",
    ],
    [(timeout) => loop.removeTimeout(timeout), undefined, "Cannot remove the timeout undefined"],
    [
      (timeout) => loop.removeTimeout(timeout),
      5,
      "give what callLater, callAt or addTimeout returned",
    ],
  ],
  "runSync": [
    [(timeout) => loop.runSync(nothing, { timeout }), -1, "RangeError: Cannot use timeout -1"],
    [(options) => loop.runSync(nothing, options), { time: 1 }, 'Unknown option "time"'],
    [(options) => loop.runSync(nothing, options), 5, "Cannot read any option from 5"],
    [
      (run) => loop.runSync(run),
      done,
      "TypeError: Cannot run and wait: an object of class Promise",
    ],
  ],
  "runInExecutor": [
    [
      (executor) => loop.setDefaultExecutor(executor),
      {},
      "TypeError: Cannot use an object of class",
    ],
    [(threshold) => loop.setBlockingLogThreshold(threshold), "1s", "write 1000"],
  ],
  "PeriodicCallback": [
    [
      (ms) => new PeriodicCallback(nothing, ms),
      "1s",
      'TypeError: Cannot use period "1s": it must be ' +
      "a number of milliseconds, not string; write 1000",
    ],
    [(ms) => new PeriodicCallback(nothing, ms), 0, "RangeError: Cannot use period 0"],
    [
      (ms) => new PeriodicCallback(nothing, ms),
      undefined,
      "TypeError: Cannot use period undefined",
    ],
    [
      (callback) => new PeriodicCallback(callback, 1),
      undefined,
      "TypeError: Cannot call periodically",
    ],
    [
      (jitter) => new PeriodicCallback(nothing, 1, { jitter }),
      NaN,
      "RangeError: Cannot use jitter NaN",
    ],
    [
      (jitter) => new PeriodicCallback(nothing, 1, { jitter }),
      "0.1",
      "expected a number from 0 to 1",
    ],
    [(options) => new PeriodicCallback(nothing, 1, options), { unref: 1 }, "expected a boolean"],
    [(options) => new PeriodicCallback(nothing, 1, options), { random: 1 }, "expected a function"],
    [
      (options) => new PeriodicCallback(nothing, 1, options),
      0.1,
      "Cannot read any option from 0.1",
    ],
  ],
  "WorkerPool": [
    [(size) => new WorkerPool({ size }), 0, "RangeError: Cannot make a pool of size 0"],
    [(size) => new WorkerPool({ size }), 1.5, "RangeError: Cannot make a pool of size 1.5"],
    [(size) => new WorkerPool({ size }), "2", 'TypeError: Cannot use "2" as the option "size"'],
    [
      (maxQueue) => new WorkerPool({ maxQueue }),
      -1,
      "RangeError: Cannot make a pool with maxQueue -1",
    ],
    [
      (maxQueue) => new WorkerPool({ maxQueue }),
      NaN,
      "RangeError: Cannot make a pool with maxQueue",
    ],
    [
      (idleTimeout) => new WorkerPool({ idleTimeout }),
      NaN,
      "RangeError: Cannot use idleTimeout NaN",
    ],
    [(options) => new WorkerPool(options), { max_queue: 1 }, 'it is spelled "maxQueue"'],
    [(options) => new WorkerPool(options), 4, "TypeError: Cannot read any option from 4"],
    [(options) => pool.shutdown(options), { cancel: 1 }, "expected a boolean"],
    [(run) => pool.submit(run), undefined, "TypeError: Cannot run undefined on a worker"],
    [(run) => pool.submit(run), "./task.ts", 'TypeError: Cannot run "./task.ts" on a worker'],
    [(timeout) => pool.submit({ run: task, timeout }), "1m", "write 60000"],
    [(signal) => pool.submit({ run: task, signal }), 1, "expected an AbortSignal"],
    [
      (options) => pool.submit({ run: task, ...options }),
      { transfers: [] },
      'Unknown option "transfers"',
    ],
    [(options) => pool.submit({ run: task, ...options }), { transfer: 1 }, "expected an array"],
    [(options) => pool.submit({ run: task, ...options }), { exportName: 1 }, "expected a string"],
  ],
};

for (const [name, rows] of Object.entries(TABLE)) {
  Deno.test(`${name} refuses arguments that make no sense and says why`, async (test) => {
    for (const [index, [call, value, expected]] of rows.entries()) {
      await test.step(`${index}: ${expected}`, async () => {
        const error = await failureOf(() => call(value));
        assertInstanceOf(error, Error);
        assertStringIncludes(String(error), expected);
      });
    }
  });
}

for (const [name, call] of Object.entries(NOT_GIVEN)) {
  Deno.test(`${name} takes undefined for not given`, async () => {
    await call(undefined);
  });
}

Deno.test("a pool that refused everything has started no worker", () => {
  assertEquals(String(pool), "<WorkerPool size=1 workers=0 idle=0 waiting=0>");
});

/** What a call throws or its promise is rejected with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
