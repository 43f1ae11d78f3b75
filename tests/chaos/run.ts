/** One run: clients, what happens to them, and what came. */
import { Arena, type Engine, type NodeCommand } from "./arena.ts";
import type { Plan } from "./plan.ts";
import { Probe } from "./probe.ts";
import { delay } from "./program.ts";
import { Tally, type Totals } from "./tally.ts";
import type { Invite, Visitor } from "./visitor.ts";

const READY_LIMIT = 60_000;
const QUIET_LIMIT = 30_000;
/** Milliseconds in which a client should have everything again, from the return of its connection. */
const RECOVERY_LIMIT = 2_000;
const ROLLING = "rolling restart";

/** What stands against what. */
export interface Contest {
  readonly engine: Engine;
  readonly node: NodeCommand;
  readonly invite: Invite;
}

/** What a run gave. */
export interface Outcome extends Totals {
  readonly returns: number;
  /** Of the returns of connections, the share that had all topics again in time. */
  readonly inTime: number;
  /** Milliseconds that 99 of 100 took at most. */
  readonly p99: number;
  readonly httpAsked: number;
  readonly httpLost: number;
  /** Mebibytes of the larger node: before, and at most. */
  readonly memory: readonly [before: number, most: number];
  readonly exitCodes: readonly number[];
  /** Milliseconds that a client was away at most that lost its node in the rolling restart. */
  readonly restartAway: number;
  /** Milliseconds from the return of the broker to the next message that came. */
  readonly brokerReturn: number;
}

/** Runs it. */
export async function run(plan: Plan, { engine, node, invite }: Contest): Promise<Outcome> {
  await using arena = await Arena.start(engine, node);
  const crowd = new Crowd(plan, arena, invite);
  using _crowd = crowd;
  await crowd.gather();
  const before = arena.memory();
  let most = before;
  const watch = setInterval(() => most = Math.max(most, arena.memory()), 500);
  const probe = new Probe(`${arena.httpUrl}/slow`);
  const disturbed = disturb(plan, { arena, probe, crowd });
  const [exitCodes] = await Promise.all([disturbed, crowd.talk(disturbed)]);
  await crowd.quiet();
  clearInterval(watch);
  await probe.stop();
  const { asked, lost } = probe.count(ROLLING);
  return {
    ...crowd.tally.totals(),
    ...crowd.recovery(),
    httpAsked: asked,
    httpLost: lost,
    memory: [before, most],
    exitCodes,
  };
}

/** All that goes wrong. */
async function disturb(
  plan: Plan,
  { arena, probe, crowd }: { readonly arena: Arena; readonly probe: Probe; readonly crowd: Crowd },
): Promise<readonly number[]> {
  const broker = delay(plan.brokerKill).then(async () => {
    await arena.killBroker(plan.brokerAway);
    crowd.brokerReturned();
  });
  const node = delay(plan.nodeKill).then(() => arena.killNode());
  // On a busy machine a node takes its time to start.
  const restart = Promise.all([delay(plan.rollingRestart), node]).then(async () => {
    probe.phase(ROLLING);
    crowd.restarting = true;
    const codes = await arena.restartNodes();
    crowd.restarting = false;
    probe.phase("");
    return codes;
  });
  const [first, ...later] = plan.cuts;
  const cuts = [delay(first ?? 0).then(() => cutEverybody(plan, arena))];
  for (const at of later) {
    // Who has lost its node and is cut off, too, would count as away for too long.
    cuts.push(Promise.all([delay(at), restart]).then(() => cutEverybody(plan, arena)));
  }
  await Promise.all([...cuts, broker, node]);
  return await restart;
}

async function cutEverybody(plan: Plan, arena: Arena): Promise<void> {
  const clients = Array.from({ length: plan.sockets }, (_, client) => client);
  await Promise.all(clients.map(async (client) => {
    await delay(plan.cutSpread * client / plan.sockets);
    await arena.cut(client, plan.cutLength);
  }));
}

/** The clients. */
class Crowd implements Disposable {
  readonly tally: Tally;
  readonly #plan: Plan;
  readonly #arena: Arena;
  readonly #invite: Invite;
  readonly #topicsOf: readonly (readonly string[])[];
  readonly #visitors: Visitor[] = [];
  readonly #recoveries: number[] = [];
  /** Whether who leaves now has lost its node. */
  restarting = false;
  #restartAway = 0;
  #brokerReturnedAt = 0;
  #brokerReturn = 0;
  #returns = 0;
  #unsettled = 0;

  constructor(plan: Plan, arena: Arena, invite: Invite) {
    this.#plan = plan;
    this.#arena = arena;
    this.#invite = invite;
    this.#topicsOf = Array.from({ length: plan.sockets }, (_, client) => topicsOf(client, plan));
    this.tally = new Tally(this.#topicsOf);
  }

  /** Everybody comes, and subscribes. */
  async gather(): Promise<void> {
    const late = setTimeout(() => {
      throw new Error(`Cannot begin: not everybody was there within ${READY_LIMIT} ms`);
    }, READY_LIMIT);
    for (let client = 0; client < this.#plan.sockets; client++) {
      this.#visitors.push(this.#visit(client));
      if (client % 50 === 49) await delay(20);
    }
    await Promise.all(this.#visitors.map((visitor) => visitor.ready));
    clearTimeout(late);
  }

  #visit(client: number): Visitor {
    const topics = this.#topicsOf[client] ?? [];
    let missing = new Set(topics);
    let returnedAt = 0;
    let leftAt: number | undefined;
    const url = `${this.#arena.url}/topics?client=${client}`;
    return this.#invite(url, topics, {
      message: (topic, word) => {
        this.#heardAfterBroker();
        this.tally.heard(client, topic, word);
      },
      left: () => {
        leftAt = this.restarting ? performance.now() : undefined;
        // One that is cut off again, or whose node ends, has not come back.
        const now = performance.now();
        if (missing.size > 0 && returnedAt > 0 && now - returnedAt < RECOVERY_LIMIT) {
          this.#returns--;
        }
        returnedAt = 0;
      },
      returned: () => {
        if (leftAt !== undefined) {
          this.#restartAway = Math.max(this.#restartAway, performance.now() - leftAt);
        }
        this.#returns++;
        missing = new Set(topics);
        returnedAt = performance.now();
      },
      resumed: (topic, recovered) => {
        if (!recovered) this.tally.told(client, topic);
        if (missing.delete(topic) && missing.size === 0 && returnedAt > 0) {
          this.#recoveries.push(performance.now() - returnedAt);
        }
      },
      lost: (topic) => this.tally.told(client, topic),
    });
  }

  /** The broker is there again. */
  brokerReturned(): void {
    this.#brokerReturnedAt = performance.now();
  }

  #heardAfterBroker(): void {
    if (this.#brokerReturnedAt === 0) return;
    this.#brokerReturn = performance.now() - this.#brokerReturnedAt;
    this.#brokerReturnedAt = 0;
  }

  /** Somebody says something, at the rate, for the duration, and until all went wrong that does. */
  async talk(disturbed: Promise<unknown>): Promise<void> {
    const { rate, duration, topics, sockets } = this.#plan;
    const start = performance.now();
    const total = rate * duration / 1_000;
    const numbers = new Map<number, number>();
    const state = { isDisturbed: true };
    const settle = () => void (state.isDisturbed = false);
    disturbed.then(settle, settle);
    for (let count = 0; count < total || state.isDisturbed; count++) {
      await delay(start + count * 1_000 / rate - performance.now());
      const by = count % Math.min(sockets, 50);
      const number = (numbers.get(by) ?? 0) + 1;
      numbers.set(by, number);
      this.#say(by, topicName(count * 7 % topics), { by, number });
    }
  }

  async #say(by: number, topic: string, word: { by: number; number: number }): Promise<void> {
    this.#unsettled++;
    try {
      await this.#visitors[by]?.publish(topic, word);
      this.tally.said(topic, word);
    } catch (error) {
      console.error(`Client ${by} could not publish:`, error);
    } finally {
      this.#unsettled--;
    }
  }

  /** Settles when all has come, or nothing more does. */
  async quiet(): Promise<void> {
    const end = performance.now() + QUIET_LIMIT;
    while (performance.now() < end && (this.#unsettled > 0 || !this.tally.complete)) {
      await delay(500);
    }
    // What comes twice comes late.
    await delay(1_000);
  }

  /** How fast those who came back had everything. */
  recovery(): Pick<Outcome, "returns" | "inTime" | "p99" | "restartAway" | "brokerReturn"> {
    const times = this.#recoveries.toSorted((a, b) => a - b);
    const inTime = times.filter((time) => time <= RECOVERY_LIMIT).length;
    return {
      returns: this.#returns,
      inTime: this.#returns === 0 ? 1 : inTime / this.#returns,
      p99: times[Math.floor(times.length * 0.99)] ?? 0,
      restartAway: this.#restartAway,
      brokerReturn: this.#brokerReturn,
    };
  }

  [Symbol.dispose](): void {
    for (const visitor of this.#visitors) visitor.close();
  }
}

function topicsOf(client: number, { topics, topicsOfEach }: Plan): string[] {
  return Array.from(
    { length: topicsOfEach },
    (_, index) => topicName((client + index * 7) % topics),
  );
}

function topicName(number: number): string {
  return `chaos/${number}`;
}
