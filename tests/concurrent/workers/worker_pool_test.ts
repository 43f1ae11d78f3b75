import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { IOLoop, QueueFull, TimeoutError, WorkerPool } from "@gustnado/gustnado";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";
import { poll } from "../../support/poll.ts";

const taskModule = new URL("./worker_pool_task.ts", import.meta.url);

/** Says that it runs, and then waits until somebody stops it. */
function spinLoudly(shared: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
  while (true);
}

/** A flag that a worker raises, or that it waits for. */
function sharedFlag(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Waits until a worker has raised a flag. */
async function raised(flag: Int32Array<SharedArrayBuffer>): Promise<void> {
  await Atomics.waitAsync(flag, 0, 0).value;
}

/** Waits until somebody stops it, as only a worker may. */
function spin(): void {
  while (true);
}

function square(n: number): number {
  return n * n;
}

Deno.test("worker pool runs functions of every form on another thread", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const object = {
    method(n: number): number {
      return n + 1;
    },
    async asyncMethod(n: number): Promise<number> {
      return await Promise.resolve(n + 2);
    },
  };
  assertEquals(await pool.submit(square, 3), 9);
  assertEquals(await pool.submit((a: string, b: string) => a + b, "a", "b"), "ab");
  assertEquals(await pool.submit(async (n: number) => await n * 2, 4), 8);
  assertEquals(await pool.submit(object.method, 1), 2);
  assertEquals(await pool.submit(object.asyncMethod, 1), 3);
  assertEquals(await pool.submit(() => "document" in globalThis || "Deno" in globalThis), true);
  assertEquals(await pool.submit(() => globalThis.constructor.name), "DedicatedWorkerGlobalScope");
});

Deno.test("worker pool runs the exports of a module", async () => {
  await using pool = new WorkerPool({ size: 1 });
  assertEquals(await pool.submit(taskModule, 20, 22), 42);
  assertEquals(await pool.submit({ run: taskModule, exportName: "shout" }, "hi"), "HI!");
  await assertRejects(
    () => pool.submit({ run: taskModule, exportName: "missing" }),
    TypeError,
    'its export "missing" is not a function',
  );
  const nowhere = new URL("./no_such_module.ts", import.meta.url);
  await assertRejects(() => pool.submit(nowhere), TypeError, "no_such_module");
});

Deno.test("worker pool runs as many tasks at once as it has workers, the rest in order", async () => {
  await using pool = new WorkerPool({ size: 2 });
  const results = [1, 2, 3, 4, 5].map((n) => pool.submit((n: number) => n, n));
  assertEquals(String(pool), "<WorkerPool size=2 workers=2 idle=0 waiting=3>");
  assertEquals(await Promise.all(results), [1, 2, 3, 4, 5]);
});

Deno.test("worker pool refuses a task when too many are waiting", async () => {
  await using pool = new WorkerPool({ size: 1, maxQueue: 1 });
  const results = [pool.submit(square, 1), pool.submit(square, 2)];
  await assertRejects(() => pool.submit(square, 3), QueueFull, "1 are waiting for a worker");
  assertEquals(await Promise.all(results), [1, 4]);
});

Deno.test("worker pool moves what is transferred, both ways", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const bytes = new Uint8Array([1, 2, 3]);
  const reverse = (bytes: Uint8Array) => bytes.reverse();
  const task = { run: reverse, transfer: [bytes.buffer], transferResult: true };
  assertEquals(await pool.submit(task, bytes), new Uint8Array([3, 2, 1]));
  assertEquals(bytes.length, 0);
  const buffer = await pool.submit({ run: () => new ArrayBuffer(8), transferResult: true });
  assertEquals(buffer.byteLength, 8);
});

Deno.test("worker pool rejects with the error of a task, its class, stack and properties", async () => {
  await using pool = new WorkerPool({ size: 1 });
  function divide(): never {
    const error = new RangeError("Cannot divide by zero", { cause: new TypeError("Not a number") });
    throw Object.assign(error, { code: "EDIV" });
  }
  async function asker(): Promise<void> {
    await pool.submit(divide);
  }
  const error = await asker().catch((error) => error);
  assertInstanceOf(error, RangeError);
  assertEquals([error.message, Reflect.get(error, "code")], ["Cannot divide by zero", "EDIV"]);
  assertInstanceOf(error.cause, TypeError);
  const trace = error.stack ?? "";
  assertMatch(trace, /^RangeError: Cannot divide by zero\n {4}at divide \(worker-task:divide/);
  assertMatch(trace, /at async worker thread\n[^]*at asker .*worker_pool_test/);
});

Deno.test("worker pool keeps the name of an error of the task's own class", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const error = await pool.submit(() => {
    class BalanceError extends Error {
      override name = "BalanceError";
    }
    throw new BalanceError("Too little");
  }).catch((error) => error);
  assertInstanceOf(error, Error);
  assertEquals(String(error), "BalanceError: Too little");
});

Deno.test("worker pool rejects with a thrown value that is no error", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const thrown = (value: unknown) =>
    pool.submit((value: unknown) => {
      throw value;
    }, value).catch((error) => error);
  assertEquals([await thrown("text"), await thrown({ a: 1 })], ["text", { a: 1 }]);
  const odd = pool.submit(() => {
    throw () => {};
  });
  assertEquals(await odd.catch((error: unknown) => error), "()=>{}");
});

Deno.test("worker pool rejects what cannot be sent to a worker or back, and goes on", async () => {
  await using pool = new WorkerPool({ size: 1 });
  await assertRejects(() => pool.submit((value: unknown) => value, () => {}), DOMException);
  await assertRejects(() => pool.submit(() => () => {}), Error, "could not be cloned");
  await assertRejects(() => pool.submit(Math.max, 1), TypeError, "it has no source text to send");
  await assertRejects(() => pool.submit(square.bind(null), 1), TypeError);
  // @ts-expect-error what a JavaScript caller can pass
  await assertRejects(() => pool.submit({ run: "square" }), TypeError, 'Cannot run "square"');
  assertEquals(await pool.submit(square, 5), 25);
});

Deno.test("worker pool tells a task that reaches outside of itself what is missing", async () => {
  await using pool = new WorkerPool({ size: 1 });
  await assertRejects(() => pool.submit((n: number) => square(n), 2), ReferenceError, "square");
});

Deno.test("worker pool cancels a task that runs, also one that never returns", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const controller = new AbortController();
  const flag = sharedFlag();
  const running = pool.submit({ run: spinLoudly, signal: controller.signal }, flag);
  const waiting = pool.submit(square, 6);
  await raised(flag);
  controller.abort(new Error("Not needed any more"));
  await assertRejects(() => running, Error, "Not needed");
  assertEquals(await waiting, 36);
  await assertRejects(() => pool.submit({ run: spin, signal: controller.signal }), Error);
});

Deno.test("worker pool ends the thread of a task that it cancels", async () => {
  // A thread cannot be watched: how soon one that computes comes to its end is the runtime's affair.
  const { Worker } = globalThis;
  let ended = 0;
  globalThis.Worker = class extends Worker {
    override terminate() {
      ended++;
      super.terminate();
    }
  };
  try {
    await using pool = new WorkerPool({ size: 1 });
    const controller = new AbortController();
    const started = sharedFlag();
    const running = pool.submit({
      run: (started: Int32Array) => {
        Atomics.store(started, 0, 1);
        return new Promise<void>(() => {});
      },
      signal: controller.signal,
    }, started);
    assert(await poll(() => Atomics.load(started, 0) !== 0));
    controller.abort(new Error("Not needed any more"));
    await assertRejects(() => running, Error, "Not needed");
    assertEquals(ended, 1);
  } finally {
    globalThis.Worker = Worker;
  }
});

Deno.test("worker pool cancels a task that waits without touching the others", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const controller = new AbortController();
  const first = pool.submit(square, 2);
  const cancelled = pool.submit({ run: square, signal: controller.signal }, 3);
  const last = pool.submit(square, 4);
  controller.abort(new Error("Not needed any more"));
  await assertRejects(() => cancelled, Error, "Not needed");
  assertEquals(await Promise.all([first, last]), [4, 16]);
});

Deno.test("worker pool ends a task whose timeout passes", async () => {
  await using pool = new WorkerPool({ size: 1 });
  await assertRejects(
    () => pool.submit({ run: spin, timeout: 20 }),
    TimeoutError,
    "Cannot finish the task: the timeout of 20 ms has passed",
  );
  await assertRejects(() => pool.submit({ run: spin, timeout: NaN }), RangeError);
  assertEquals(String(pool), "<WorkerPool size=1 workers=0 idle=0 waiting=0>");
});

Deno.test("worker pool replaces a worker that crashes and rejects its task", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const crash = pool.submit(() => {
    setTimeout(() => {
      throw new Error("Thrown outside of the task");
    }, 0);
    return new Promise(() => {});
  });
  const next = pool.submit(square, 7);
  await assertRejects(() => crash, Error, "Thrown outside of the task");
  assertEquals(await next, 49);
});

Deno.test("worker pool logs the crash of a worker that has no task", async () => {
  using logs = captureLogs();
  await using pool = new WorkerPool({ size: 1, idleTimeout: Infinity });
  const flag = sharedFlag();
  await pool.submit((flag: Int32Array) => {
    const timer = setInterval(() => {
      if (Atomics.load(flag, 0) === 0) return;
      clearInterval(timer);
      throw new Error("Thrown later");
    }, 1);
  }, flag);
  // The task has been answered: now nobody has it any more.
  Atomics.store(flag, 0, 1);
  assert(await poll(() => logs.all.length > 0));
  assertMatch(
    loggedTexts(logs)[0] ?? "",
    /^error: Exception in a worker thread: Error: .*Thrown later/,
  );
  assertEquals(await pool.submit(square, 8), 64);
});

Deno.test("worker pool takes no message of a task for its answer", async () => {
  await using pool = new WorkerPool({ size: 1 });
  const chatty = () => {
    for (const message of [null, undefined, "hello", { id: "1", value: 0 }]) {
      Reflect.get(self, "postMessage")(message);
    }
    return "answer";
  };
  assertEquals(await pool.submit(chatty), "answer");
});

Deno.test("worker pool lets idle workers end", async () => {
  await using pool = new WorkerPool({ size: 2, idleTimeout: 10 });
  const squaring = pool.submit(square, 2);
  assertEquals(String(pool), "<WorkerPool size=2 workers=1 idle=0 waiting=0>");
  await squaring;
  const ended = "<WorkerPool size=2 workers=0 idle=0 waiting=0>";
  assert(await poll(() => String(pool) === ended));
  assertEquals(await pool.submit(square, 3), 9);
});

Deno.test("worker pool finishes its tasks at shutdown and takes no more", async () => {
  const pool = new WorkerPool({ size: 1 });
  const results = [pool.submit(square, 1), pool.submit(square, 2)];
  const shutdown = pool.shutdown();
  await assertRejects(() => pool.submit(square, 3), Error, "the pool is shut down");
  await shutdown;
  await pool.shutdown();
  assertEquals(await Promise.all(results), [1, 4]);
  assertEquals(String(pool), "<WorkerPool size=1 workers=0 idle=0 waiting=0 closed>");
});

Deno.test("worker pool cancels its tasks at shutdown if asked to", async () => {
  const pool = new WorkerPool({ size: 1 });
  const results = Promise.allSettled([pool.submit(spin), pool.submit(square, 2)]);
  await pool.shutdown({ cancel: true });
  for (const result of await results) {
    assert(result.status === "rejected");
    assertMatch(String(result.reason), /Cannot finish the task: the pool was shut down/);
  }
});

Deno.test("worker pool refuses options out of range", () => {
  assertThrows(() => new WorkerPool({ size: 0 }), RangeError, "size 0");
  assertThrows(() => new WorkerPool({ size: NaN }), RangeError);
  assertThrows(() => new WorkerPool({ maxQueue: -1 }), RangeError, "maxQueue -1");
  assertThrows(() => new WorkerPool({ idleTimeout: -1 }), RangeError, "idleTimeout -1");
});

Deno.test("loop runs tasks on its executor, which can be set and shut down", async () => {
  const loop = IOLoop.current();
  assertEquals(await loop.runInExecutor(square, 9), 81);
  await loop.shutdownDefaultExecutor();
  await using pool = new WorkerPool({ size: 1 });
  loop.setDefaultExecutor(pool);
  assertEquals(await loop.runInExecutor(taskModule, 1, 2), 3);
  await loop.shutdownDefaultExecutor();
  await assertRejects(() => pool.submit(square, 1), Error, "shut down");
});
