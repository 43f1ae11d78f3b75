import { assertEquals } from "@std/assert";
import { IOLoop, WorkerPool, type WorkerTask } from "@gustnado/gustnado";
import { app, smallestDivisor } from "../../examples/prime_service.ts";
import { serve } from "../support/serve.ts";

/** Asks the service some questions over one connection. */
async function ask(port: number, questions: string[]): Promise<unknown[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/prime`);
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
  const answers: unknown[] = [];
  socket.onopen = () => questions.forEach((question) => socket.send(question));
  socket.onerror = () => reject(new Error("The connection failed"));
  socket.onmessage = ({ data }) => {
    if (answers.push(JSON.parse(data)) === questions.length) socket.close();
  };
  socket.onclose = () => resolve(answers);
  return await promise;
}

Deno.test("prime service answers questions in their order and refuses what is no number", async () => {
  await using server = serve(app);
  assertEquals(await ask(server.port, ["97", "91", " 1 ", "seven", "9".repeat(21)]), [
    { number: "97", prime: true, divisor: null },
    { number: "91", prime: false, divisor: "7" },
    { number: "1", prime: false, divisor: null },
    { error: "Send a whole number of up to 20 digits" },
    { error: "Send a whole number of up to 20 digits" },
  ]);
});

/** Holds every question back until it is released. */
class Gate extends WorkerPool {
  readonly asked: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers();

  open(): void {
    this.#opened.resolve();
  }

  override async submit<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>> {
    this.asked.resolve();
    if (args[0] === 91n) await this.#opened.promise;
    return await super.submit(task, ...args);
  }
}

Deno.test("prime service goes on serving while it works on a hard question", async () => {
  await using gate = new Gate({ size: 1 });
  IOLoop.current().setDefaultExecutor(gate);
  await using server = serve(app);
  const hard = ask(server.port, ["91"]);
  await gate.asked.promise;
  assertEquals(await ask(server.port, ["2"]), [{ number: "2", prime: true, divisor: null }]);
  assertEquals(await ask(server.port, ["4"]), [{ number: "4", prime: false, divisor: "2" }]);
  gate.open();
  assertEquals(await hard, [{ number: "91", prime: false, divisor: "7" }]);
  await IOLoop.current().shutdownDefaultExecutor();
});

Deno.test("smallest divisor is found by trial", () => {
  const divisors = [0n, 1n, 2n, 3n, 4n, 9n, 25n, 7919n].map(smallestDivisor);
  assertEquals(divisors, [null, null, null, null, 2n, 3n, 5n, null]);
});
