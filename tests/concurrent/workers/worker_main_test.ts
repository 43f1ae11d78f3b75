import { assertEquals } from "@std/assert";
import { serveTasks, type TaskScope } from "../../../src/concurrent/workers/worker_main.ts";
import type { TaskAnswer, TaskMessage } from "../../../src/concurrent/workers/worker_task.ts";

/** Gives one task to a worker's script that runs right here. */
function serve(task: Partial<TaskMessage>): Promise<[TaskAnswer, Transferable[]]> {
  const { promise, resolve } = Promise.withResolvers<[TaskAnswer, Transferable[]]>();
  const scope: TaskScope = {
    onmessage: null,
    postMessage: (answer, transfer) => resolve([answer, transfer]),
  };
  serveTasks(scope);
  const rest = { id: 1, source: null, module: null, name: "", args: [], transferResult: false };
  scope.onmessage?.({ data: { ...rest, ...task } });
  return promise;
}

Deno.test("worker answers with what a function or a module's export returns", async () => {
  const [doubled] = await serve({ source: "(n) => n * 2", args: [21] });
  assertEquals(doubled, { id: 1, value: 42 });
  const [method] = await serve({ source: "add(a, b) { return a + b; }", args: [1, 2] });
  assertEquals(method, { id: 1, value: 3 });
  const module = new URL("./worker_pool_task.ts", import.meta.url).href;
  const [shouted] = await serve({ module, name: "shout", args: ["hi"] });
  assertEquals(shouted, { id: 1, value: "HI!" });
});

Deno.test("worker moves the buffer of a result only if asked to", async () => {
  const source = "() => new Uint8Array(3)";
  assertEquals((await serve({ source }))[1], []);
  assertEquals((await serve({ source, transferResult: true }))[1], [new ArrayBuffer(3)]);
  assertEquals((await serve({ source: "() => 1", transferResult: true }))[1], []);
});

Deno.test("worker describes what a task throws", async () => {
  const source = `() => {
    const cause = new TypeError("why");
    throw Object.assign(new RangeError("what", { cause }), { code: 7, mark: Symbol(), stack: "trace" });
  }`;
  const [answer] = await serve({ source });
  const cause = { name: "TypeError", message: "why", stack: "", cause: null, properties: {} };
  const plain = JSON.parse(JSON.stringify(answer));
  plain.failure.error.cause.error.stack = "";
  assertEquals(plain, {
    id: 1,
    failure: {
      error: {
        name: "RangeError",
        message: "what",
        stack: "trace",
        cause: { error: cause },
        properties: { code: 7 },
      },
    },
  });
  const [thrown] = await serve({ source: "() => { throw Symbol('odd'); }" });
  assertEquals(thrown, { id: 1, failure: { thrown: "Symbol(odd)" } });
});

Deno.test("worker describes a chain of causes to a limit", async () => {
  const source = "() => { const e = new Error('loop'); e.cause = e; throw e; }";
  const [answer] = await serve({ source });
  assertEquals(JSON.stringify(answer).split('"cause":null').length, 2);
});

Deno.test("worker refuses source text that is no function's", async () => {
  for (const source of ["1", "}{", "class {}.x"]) {
    const [answer] = await serve({ source, name: "odd" });
    const { failure } = JSON.parse(JSON.stringify(answer));
    assertEquals(failure.error.name, "SyntaxError");
  }
});
