import { assertEquals, assertRejects } from "@std/assert";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { CommandQueue } from "../../../src/topics/redis/command_queue.ts";
import type { RedisClient } from "../../../src/topics/redis/redis_client.ts";
import { RedisSession, type ScriptCall } from "../../../src/topics/redis/redis_session.ts";
import { APPEND } from "../../../src/topics/redis/scripts.ts";

/** An error as Redis answers it. */
class Answer extends Error {}

/** A server that a test answers for. */
class Server {
  /** The last argument of each call, and whether it came as one that may have been refused. */
  readonly calls: { readonly name: string; readonly refused: boolean }[] = [];
  readonly #pending: PromiseWithResolvers<unknown>[] = [];
  readonly client: RedisClient = {
    connect: () => Promise.resolve(),
    destroy: () => this.lose(),
    on: () => {},
    sendCommand: (words) => this.#take(words),
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
  };

  /** Opens a session on it. */
  session(): Promise<RedisSession> {
    return RedisSession.greet(this.client, { isAnswer }, [APPEND]);
  }

  get names(): string[] {
    return this.calls.map(({ name, refused }) => refused ? `${name}!` : name);
  }

  answer(value: unknown): void {
    this.#pending.shift()?.resolve(value);
  }

  refuse(text: string): void {
    this.#pending.shift()?.reject(new Answer(text));
  }

  lose(): void {
    for (const each of this.#pending.splice(0)) each.reject(new Error("The connection is lost"));
  }

  #take([name, ...words]: readonly string[]): Promise<unknown> {
    if (name !== "EVALSHA") return Promise.resolve(name === "INFO" ? "run_id:r" : "sha");
    this.calls.push({ name: words.at(-1) ?? "", refused: words[5] === "1" });
    const pending = Promise.withResolvers();
    this.#pending.push(pending);
    return pending.promise;
  }
}

function isAnswer(error: unknown): error is Error {
  return error instanceof Answer;
}

class Setting implements Disposable {
  readonly dropped: unknown[] = [];
  readonly queue: CommandQueue;

  constructor(bounds: { readonly timeout?: number; readonly maxQueued?: number } = {}) {
    this.queue = new CommandQueue({
      timeout: 5_000,
      maxQueued: 2_000,
      maxQueuedBytes: 10_000,
      ...bounds,
      clients: { isAnswer },
      trouble: () => "",
      drop: (session, reason) => {
        this.dropped.push(reason);
        this.queue.detach();
        session.client.destroy();
      },
    });
  }

  push(name: string): Promise<unknown> {
    return this.queue.push({ ...call(name), purpose: `do ${name}`, size: 1 });
  }

  [Symbol.dispose](): void {
    this.queue.close();
  }
}

function call(name: string): ScriptCall {
  return { script: APPEND, keys: ["k"], args: [name] };
}

/** Lets the promises settle that are settled already. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("commands are sent in order, and without waiting for answers", async () => {
  using setting = new Setting();
  const server = new Server();
  const before = setting.push("a");
  setting.queue.attach(await server.session());
  const after = setting.push("b");
  assertEquals(server.names, ["a", "b"]);
  server.answer(1);
  server.answer(2);
  assertEquals([await before, await after, setting.queue.size], [1, 2, 0]);
});

Deno.test("what was unanswered comes first on the next connection, in order", async () => {
  using setting = new Setting();
  const [one, two] = [new Server(), new Server()];
  setting.queue.attach(await one.session());
  const all = ["a", "b", "c"].map((name) => setting.push(name));
  one.answer("a");
  await all[0];
  one.lose();
  await settle();
  assertEquals(setting.dropped.length > 0, true);
  const late = setting.push("d");
  setting.queue.attach(await two.session());
  assertEquals(two.names, ["b", "c", "d"]);
  for (const name of ["b", "c", "d"]) two.answer(name);
  assertEquals(await Promise.all([...all, late]), ["a", "b", "c", "d"]);
});

Deno.test("all that was sent with a command that was refused for now is looked for in the log", async () => {
  using setting = new Setting();
  const [one, two] = [new Server(), new Server()];
  setting.queue.attach(await one.session());
  const all = ["a", "b", "c"].map((name) => setting.push(name));
  one.answer("a");
  one.refuse("NOSCRIPT No matching script. Please use EVAL.");
  // The third was taken, since somebody else has loaded the script meanwhile.
  await settle();
  const late = setting.push("d");
  setting.queue.attach(await two.session());
  assertEquals(two.names, ["b!", "c!", "d"]);
  for (const name of ["b", "c", "d"]) two.answer(name);
  assertEquals(await Promise.all([...all, late]), ["a", "b", "c", "d"]);
});

Deno.test("an error that Redis answers ends one command", async () => {
  using setting = new Setting();
  const server = new Server();
  setting.queue.attach(await server.session());
  const [bad, good] = [setting.push("a"), setting.push("b")];
  server.refuse("OOM command not allowed");
  server.answer(2);
  await assertRejects(
    () => bad,
    BrokerError,
    'Cannot do a: Redis answered "OOM command not allowed"',
  );
  assertEquals([await good, setting.dropped], [2, []]);
});

Deno.test("so many are sent without an answer, and the others as these come", async () => {
  using setting = new Setting();
  const server = new Server();
  setting.queue.attach(await server.session());
  const all = Array.from({ length: 600 }, (_, index) => setting.push(`${index}`));
  assertEquals(server.calls.length, 512);
  for (let count = 0; count < 600; count++) {
    server.answer(count);
    await all[count];
  }
  assertEquals(server.names, Array.from({ length: 600 }, (_, index) => `${index}`));
});

Deno.test("a command that waited too long is given up, and not sent again", async () => {
  using setting = new Setting({ timeout: 20 });
  const [one, two] = [new Server(), new Server()];
  setting.queue.attach(await one.session());
  await assertRejects(() => setting.push("a"), BrokerError, "did not answer within 20 ms");
  one.lose();
  await settle();
  await assertRejects(() => setting.push("b"), BrokerError, "Cannot do b");
  const last = setting.push("c");
  setting.queue.attach(await two.session());
  assertEquals(two.names, ["c"]);
  two.answer(3);
  assertEquals(await last, 3);
});

Deno.test("more than may wait is refused at once, and so is everything after the close", async () => {
  const setting = new Setting({ maxQueued: 2 });
  const waiting = [setting.push("a"), setting.push("b")];
  await assertRejects(() => setting.push("c"), BrokerError, '2 others wait already ("maxQueued")');
  const settled = Promise.allSettled(waiting);
  setting.queue.close();
  assertEquals((await settled).map(({ status }) => status), ["rejected", "rejected"]);
  await assertRejects(() => setting.push("d"), BrokerError, "the broker was closed");
  const small = new Setting();
  const { queue } = small;
  const large = { ...call("a"), purpose: "do a", size: 10_001 };
  await assertRejects(() => queue.push(large), BrokerError, '"maxQueuedBytes"');
});
