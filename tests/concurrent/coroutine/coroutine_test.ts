import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  Application,
  BadYieldError,
  coroutine,
  gen,
  isCoroutineFunction,
  RequestHandler,
  sleep,
} from "@gustnado/gustnado";

Deno.test("coroutine resumes with the value of each promise it yields", async () => {
  const add = coroutine(function* (a: number, b: number) {
    const x: number = yield Promise.resolve(a);
    const y: number = yield Promise.resolve(b);
    return x + y;
  });
  assertEquals(await add(1, 2), 3);
});

Deno.test("coroutine waits for arrays and records of promises together, also nested", async () => {
  const all = coroutine(function* (): Generator<gen.Yieldable, unknown, unknown> {
    return [
      yield [Promise.resolve(1), Promise.resolve(2)],
      yield { a: Promise.resolve(3), b: [Promise.resolve(4)], c: null },
      yield [],
      yield {},
    ];
  });
  assertEquals(await all(), [[1, 2], { a: 3, b: [4], c: null }, [], {}]);
});

Deno.test("coroutine waits for other coroutines and for generators", async () => {
  function* plain(): Generator<Promise<number>, number, number> {
    return (yield Promise.resolve(20)) + 1;
  }
  const double = coroutine(function* (n: number) {
    yield sleep(1);
    return n * 2;
  });
  const outer = coroutine(function* () {
    const n: number = yield plain();
    const doubled: number = yield double(n);
    return doubled;
  });
  assertEquals(await outer(), 42);
});

Deno.test("coroutine runs to its first yield before the call returns", () => {
  const steps: string[] = [];
  const started = coroutine(function* () {
    steps.push("started");
    yield null;
    steps.push("resumed");
  });
  started();
  assertEquals(steps, ["started"]);
});

Deno.test("coroutine throws a rejection at its yield, where it can be caught", async () => {
  const recover = coroutine(function* () {
    try {
      yield Promise.reject(new Error("The fetch failed"));
    } catch (error) {
      return error instanceof Error && error.message;
    }
  });
  assertEquals(await recover(), "The fetch failed");
});

Deno.test("coroutine runs its finally blocks when a yield fails", async () => {
  let cleaned = false;
  const failing = coroutine(function* () {
    try {
      yield Promise.reject(new Error("The fetch failed"));
    } finally {
      cleaned = true;
    }
  });
  await assertRejects(failing, Error, "The fetch failed");
  assert(cleaned);
});

Deno.test("coroutine never throws: what its body throws is a rejection", async () => {
  const failing = coroutine((): number => {
    throw new RangeError("The number is too large");
  });
  await assertRejects(failing, RangeError, "too large");
});

Deno.test("coroutine of an ordinary function gives its result", async () => {
  assertEquals(await coroutine((n: number) => n + 1)(1), 2);
});

Deno.test("coroutine ends with the value of a Return that it throws", async () => {
  const early = coroutine(function* (wait: boolean): Generator<gen.Yieldable, string> {
    if (wait) yield null;
    throw new gen.Return("early");
  });
  assertEquals(await early(true), "early");
  assertEquals(await early(false), "early");
  const sync = coroutine((): string => {
    throw new gen.Return("sync");
  });
  assertEquals(await sync(), "sync");
});

Deno.test("coroutine that yields nonsense gets a BadYieldError at that yield", async () => {
  for (const nonsense of [42, "text", true, Symbol("s"), () => {}, new Map(), /x/, 1n]) {
    const bad = coroutine(function* () {
      // The type refuses most of these.
      yield nonsense as never;
    });
    await assertRejects(bad, BadYieldError, "Cannot wait for");
  }
  const caught = coroutine(function* () {
    try {
      yield [Promise.resolve(1), 2 as never];
    } catch (error) {
      return String(error);
    }
  });
  assertStringIncludes(String(await caught()), "Cannot wait for the number 2: yield a promise");
});

Deno.test("coroutine lets the loop turn at a moment", async () => {
  const order: string[] = [];
  setTimeout(() => order.push("timer"), 0);
  const polite = coroutine(function* () {
    while (order.length === 0) yield gen.moment;
    order.push("coroutine");
  });
  await polite();
  await gen.moment;
  assertEquals(order, ["timer", "coroutine"]);
});

Deno.test("coroutine keeps this, arguments, name and mark of its function", async () => {
  const object = {
    base: 40,
    add: coroutine(function* add(this: { base: number }, n: number) {
      yield null;
      return this.base + n;
    }),
  };
  assertEquals(await object.add(2), 42);
  assertEquals(object.add.name, "add");
  assertEquals([isCoroutineFunction(object.add), isCoroutineFunction(() => {})], [true, false]);
});

Deno.test("coroutine decorates generator methods", async () => {
  class Handler {
    greeting = "Hello";
    @coroutine
    *get(name: string): Generator<gen.Yieldable, string, string> {
      return `${this.greeting}, ${yield Promise.resolve(name)}`;
    }
  }
  const both = coroutine(function* (handler: Handler) {
    const greeting: string = yield handler.get("Ann");
    return greeting;
  });
  assertEquals(await both(new Handler()), "Hello, Ann");
  assert(gen.isCoroutineFunction(Handler.prototype.get));
});

Deno.test("coroutine decorates the verbs of a handler, which then answer late", async () => {
  class Page extends RequestHandler {
    @coroutine
    override *get(name?: string): Generator<gen.Yieldable, void, string> {
      this.write(`Hello, ${yield Promise.resolve(name)}`);
      yield sleep(1);
      this.write("!");
    }
  }
  const app = new Application([["/:name", Page]]);
  const response = await app.fetch(new Request("http://localhost/Ann"));
  assertEquals(await response.text(), "Hello, Ann!");
});

Deno.test("coroutine's stack trace names the coroutine and its callers", async () => {
  const inner = coroutine(function* innermost() {
    yield sleep(1);
    throw new Error("Something broke");
  });
  const outer = coroutine(function* outermost() {
    yield sleep(1);
    yield inner();
  });
  async function caller(): Promise<void> {
    await outer();
  }
  const error = await caller().catch((error) => error);
  assertMatch(
    error.stack,
    /^Error: Something broke\n.*innermost.*\n[^]*at async outermost.*\n[^]*caller/,
  );
  assertEquals(error.stack.match(/outermost/g)?.length, 1);
  assertEquals(error.stack.match(/async caller/g)?.length, 1);
});

Deno.test("coroutine's stack trace stays short through deep recursion", async () => {
  const dive: (depth: number) => Promise<void> = coroutine(function* (depth: number) {
    yield null;
    if (depth === 0) throw new Error("The bottom");
    yield dive(depth - 1);
  });
  const error = await dive(2_000).catch((error) => error);
  assert(error.stack.split("\n").length < 100);
});

Deno.test("coroutine passes through what is thrown that is no error", async () => {
  const odd = coroutine(function* () {
    yield null;
    throw Object.freeze(new Error("Frozen"));
  });
  await assertRejects(odd, Error, "Frozen");
  const text = coroutine(function* () {
    yield null;
    throw "text";
  });
  assertEquals(await text().catch((error) => error), "text");
});
