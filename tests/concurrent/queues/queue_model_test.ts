/**
 * Random interleavings of everything that can be done to a queue, against a model that is too simple
 * to be wrong: plain arrays, searched and filtered.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LifoQueue, PriorityQueue, Queue } from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";

type Step =
  | {
    readonly do: "put" | "putNowait";
    readonly item: number;
    readonly timeout?: number | undefined;
  }
  | { readonly do: "get"; readonly timeout?: number | undefined }
  | { readonly do: "getNowait" | "taskDone" | "join" | "close" }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "tick"; readonly ms: number };

/** What became of one call: its value, the name of its error, or nothing yet. */
type Outcome = string;

interface ModelWait {
  readonly call: number;
  readonly item: number;
  readonly deadline: number;
}

class QueueModel {
  readonly outcomes: Outcome[] = [];
  #items: number[] = [];
  #getters: ModelWait[] = [];
  #putters: ModelWait[] = [];
  #joiners: ModelWait[] = [];
  #tasks = 0;
  #closed = false;
  #now = 0;

  constructor(readonly maxsize: number, readonly nextIndex: (items: number[]) => number) {}

  apply(step: Step): void {
    const call = this.outcomes.push("pending") - 1;
    switch (step.do) {
      case "put":
        return this.#put(call, step.item, step.timeout);
      case "putNowait":
        return this.#put(call, step.item, undefined, "QueueFull");
      case "get":
        return this.#get(call, step.timeout);
      case "getNowait":
        return this.#get(call, undefined, "QueueEmpty");
      case "taskDone":
        if (this.#tasks === 0) return this.#end(call, "RangeError");
        this.#finishTask();
        return this.#end(call, "done");
      case "join":
        if (this.#tasks > 0) this.#joiners.push(this.#wait(call, 0, undefined));
        else this.#end(call, "done");
        return;
      case "close":
        this.#close();
        return this.#end(call, "done");
      case "cancel":
        this.#drop((wait) => wait.call === step.which, "AbortError");
        return this.#end(call, "done");
      case "tick":
        this.#now += step.ms;
        this.#drop((wait) => wait.deadline <= this.#now, "TimeoutError");
        return this.#end(call, "done");
    }
  }

  sizes(): readonly number[] {
    return [this.#items.length, this.#getters.length, this.#putters.length, this.#tasks];
  }

  #put(call: number, item: number, timeout?: number, full?: string): void {
    if (this.#closed) return this.#end(call, "QueueClosed");
    if (this.maxsize === 0 || this.#items.length < this.maxsize) {
      this.#insert(item);
      this.#end(call, "done");
      const getter = this.#getters.shift();
      if (getter !== undefined) this.#end(getter.call, `item ${this.#takeNext()}`);
    } else if (full !== undefined) this.#end(call, full);
    else if (timeout === 0) this.#end(call, "TimeoutError");
    else this.#putters.push(this.#wait(call, item, timeout));
  }

  #get(call: number, timeout?: number, empty?: string): void {
    if (this.#items.length > 0) {
      const putter = this.#putters.shift();
      if (putter !== undefined) {
        this.#insert(putter.item);
        this.#end(putter.call, "done");
      }
      this.#end(call, `item ${this.#takeNext()}`);
    } else if (this.#closed) this.#end(call, "QueueClosed");
    else if (empty !== undefined) this.#end(call, empty);
    else if (timeout === 0) this.#end(call, "TimeoutError");
    else this.#getters.push(this.#wait(call, 0, timeout));
  }

  #close(): void {
    for (const wait of [...this.#getters, ...this.#putters]) this.#end(wait.call, "QueueClosed");
    this.#getters = [];
    this.#putters = [];
    this.#closed = true;
  }

  #insert(item: number): void {
    this.#items.push(item);
    this.#tasks++;
  }

  #takeNext(): number {
    return this.#items.splice(this.nextIndex(this.#items), 1)[0] ?? NaN;
  }

  #finishTask(): void {
    if (--this.#tasks > 0) return;
    for (const joiner of this.#joiners) this.#end(joiner.call, "done");
    this.#joiners = [];
  }

  #drop(gone: (wait: ModelWait) => boolean, outcome: Outcome): void {
    for (const wait of [...this.#getters, ...this.#putters, ...this.#joiners].filter(gone)) {
      this.#end(wait.call, outcome);
    }
    this.#getters = this.#getters.filter((wait) => !gone(wait));
    this.#putters = this.#putters.filter((wait) => !gone(wait));
    this.#joiners = this.#joiners.filter((wait) => !gone(wait));
  }

  #wait(call: number, item: number, timeout: number | undefined): ModelWait {
    return { call, item, deadline: this.#now + (timeout ?? Infinity) };
  }

  #end(call: number, outcome: Outcome): void {
    this.outcomes[call] = outcome;
  }
}

/** The same calls on the real thing. */
class QueueUnderTest {
  readonly outcomes: Outcome[] = [];
  readonly #controllers: AbortController[] = [];

  constructor(readonly queue: Queue<number>, readonly tick: (ms: number) => Promise<void>) {}

  async apply(step: Step): Promise<void> {
    const call = this.outcomes.push("pending") - 1;
    const controller = new AbortController();
    this.#controllers.push(controller);
    this.#record(call, this.#call(step, controller.signal));
    if (step.do === "tick") await this.tick(step.ms);
  }

  async #call(step: Step, signal: AbortSignal): Promise<Outcome> {
    switch (step.do) {
      case "put":
        await this.queue.put(step.item, { timeout: step.timeout, signal });
        return "done";
      case "putNowait":
        this.queue.putNowait(step.item);
        return "done";
      case "get":
        return `item ${await this.queue.get({ timeout: step.timeout, signal })}`;
      case "getNowait":
        return `item ${this.queue.getNowait()}`;
      case "taskDone":
        this.queue.taskDone();
        return "done";
      case "join":
        await this.queue.join({ signal });
        return "done";
      case "close":
        this.queue.close();
        return "done";
      case "cancel":
        this.#controllers[step.which]?.abort();
        return "done";
      case "tick":
        return "done";
    }
  }

  #record(call: number, outcome: Promise<Outcome>): void {
    outcome.then(
      (value) => this.outcomes[call] = value,
      (error) => this.outcomes[call] = error.name,
    );
  }
}

const timeout = fc.option(fc.nat(20), { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("put" as const), item: fc.nat(9), timeout }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("putNowait" as const), item: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("get" as const), timeout }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom("getNowait" as const, "taskDone", "join") }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("tick" as const), ms: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.constant({ do: "close" as const }) },
);

type Kind = readonly [
  make: (maxsize: number) => Queue<number>,
  nextIndex: (items: number[]) => number,
];

const kinds: Record<string, Kind> = {
  "queue": [(maxsize) => new Queue(maxsize), () => 0],
  "lifo queue": [(maxsize) => new LifoQueue(maxsize), (items) => items.length - 1],
  "priority queue": [
    (maxsize) => new PriorityQueue(maxsize),
    (items) => items.indexOf(Math.min(...items)),
  ],
};

for (const [kind, [make, nextIndex]] of Object.entries(kinds)) {
  Deno.test(`${kind} behaves as its model under any interleaving of calls`, async () => {
    using clock = fakeClock();
    const steps = fc.array(step, { maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(fc.nat(3), steps, async (maxsize, steps) => {
        const model = new QueueModel(maxsize, nextIndex);
        const queue = make(maxsize);
        const real = new QueueUnderTest(queue, (ms) => clock.tick(ms));
        for (const step of steps) {
          await real.apply(step);
          model.apply(step);
        }
        await settle();
        assertEquals(real.outcomes, model.outcomes);
        assertEquals(countsOf(queue), model.sizes());
        queue.close();
        await clock.tick(100);
        assertEquals(clock.pending(), 0);
      }),
      { numRuns: 1_000 },
    );
  });
}

/** Reads the sizes that only `toString` shows. */
function countsOf(queue: Queue<number>): number[] {
  const text = String(queue);
  const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return [queue.qsize(), count(/getters\[(\d+)/), count(/putters\[(\d+)/), count(/tasks=(\d+)/)];
}
