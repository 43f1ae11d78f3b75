/** Random interleavings of everything that can be done to a semaphore or lock, against a model. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BoundedSemaphore, Lock, Semaphore } from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";

type Step =
  | { readonly do: "acquire"; readonly timeout?: number | undefined }
  | { readonly do: "release" }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "tick"; readonly ms: number };

interface ModelWait {
  readonly call: number;
  readonly deadline: number;
}

class SemaphoreModel {
  readonly outcomes: string[] = [];
  #waiters: ModelWait[] = [];
  #now = 0;

  constructor(public value: number, readonly bound: number) {}

  apply(step: Step): void {
    const call = this.outcomes.push("done") - 1;
    switch (step.do) {
      case "acquire":
        return this.#acquire(call, step.timeout ?? Infinity);
      case "release":
        return this.#release(call);
      case "cancel":
        return this.#drop((wait) => wait.call === step.which, "AbortError");
      case "tick":
        this.#now += step.ms;
        return this.#drop((wait) => wait.deadline <= this.#now, "TimeoutError");
    }
  }

  #acquire(call: number, timeout: number): void {
    if (this.value > 0) this.value--;
    else if (timeout === 0) this.outcomes[call] = "TimeoutError";
    else {
      this.outcomes[call] = "pending";
      this.#waiters.push({ call, deadline: this.#now + timeout });
    }
  }

  #release(call: number): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) this.outcomes[waiter.call] = "done";
    else if (this.value >= this.bound) this.outcomes[call] = "refused";
    else this.value++;
  }

  #drop(gone: (wait: ModelWait) => boolean, outcome: string): void {
    for (const wait of this.#waiters.filter(gone)) this.outcomes[wait.call] = outcome;
    this.#waiters = this.#waiters.filter((wait) => !gone(wait));
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      timeout: fc.option(fc.nat(20), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "release" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("tick" as const), ms: fc.nat(12) }) },
);

const kinds: Record<string, () => [Semaphore | Lock, SemaphoreModel]> = {
  "semaphore": () => [new Semaphore(2), new SemaphoreModel(2, Infinity)],
  "bounded semaphore": () => [new BoundedSemaphore(2), new SemaphoreModel(2, 2)],
  "lock": () => [new Lock(), new SemaphoreModel(1, 1)],
};

for (const [kind, make] of Object.entries(kinds)) {
  Deno.test(`${kind} behaves as its model under any interleaving of calls`, async () => {
    using clock = fakeClock();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const [semaphore, model] = make();
        const outcomes: string[] = [];
        const controllers: AbortController[] = [];
        for (const step of steps) {
          const call = outcomes.push("done") - 1;
          const controller = controllers[call] = new AbortController();
          if (step.do === "acquire") {
            outcomes[call] = "pending";
            semaphore.acquire({ timeout: step.timeout, signal: controller.signal }).then(
              () => outcomes[call] = "done",
              (error) => outcomes[call] = error.name,
            );
          } else if (step.do === "release") outcomes[call] = release(semaphore);
          else if (step.do === "cancel") controllers[step.which]?.abort();
          else await clock.tick(step.ms);
          model.apply(step);
        }
        await settle();
        assertEquals(outcomes, model.outcomes);
        if (semaphore instanceof Semaphore) assertEquals(semaphore.value, model.value);
        while (/waiters/.test(String(semaphore))) semaphore.release();
        assertEquals(clock.pending(), 0);
      }),
      { numRuns: 1_000 },
    );
  });
}

function release(semaphore: Semaphore | Lock): string {
  try {
    semaphore.release();
    return "done";
  } catch {
    return "refused";
  }
}
