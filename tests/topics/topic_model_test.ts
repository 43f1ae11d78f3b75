import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Chunk } from "../../src/http/body/chunk.ts";
import type { CatchUp } from "../../src/topics/feed/topic_subscriber.ts";
import type { Position } from "../../src/topics/broker/position.ts";
import type { TopicEntry } from "../../src/topics/feed/topic_entry.ts";
import { TopicHub } from "../../src/topics/topic_hub.ts";
import type { Subscriber } from "../../src/topics/topics.ts";
import { type FakeClock, fakeClock, settle } from "../support/fake_clock.ts";
import { type ScriptedBroker, ScriptedEngine } from "../support/scripted_broker.ts";
import { TopicReader } from "../support/topic_reader.ts";

const TOPICS = { "d*": { history: 1_000 } };
const NAMES = ["d0", "d1"];

/** One client of a topic with history, which goes and comes back with its position. */
class Client extends TopicReader {
  readonly topic: string;
  readonly hub: TopicHub;
  isHere = false;
  /** Where it was when it came back. */
  #after: Position | null = null;

  constructor(hub: TopicHub, topic: string) {
    super();
    this.hub = hub;
    this.topic = topic;
  }

  come(last: number): void {
    this.#after = this.position;
    this.isHere = true;
    const options = this.position === null ? { last } : { after: this.position };
    this.hub.follow(this.topic, this, options).catch(() => this.isHere = false);
  }

  go(): void {
    this.isHere = false;
    this.hub.unfollow(this.topic, this);
  }

  override begin(topic: string, catchUp: CatchUp): void {
    if (!this.isHere) this.told.push("WRONG beginning after the end");
    const { position, recovered } = catchUp;
    if (recovered) assertSame(this, position, this.#after);
    super.begin(topic, catchUp);
  }

  override deliver(entry: TopicEntry): void {
    if (!this.isHere) this.told.push("WRONG entry after the end");
    super.deliver(entry);
  }

  override lost(topic: string, position: Position): void {
    if (!this.isHere) this.told.push("WRONG loss after the end");
    super.lost(topic, position);
  }
}

function assertSame(client: Client, position: Position, after: Position | null): void {
  if (position.epoch === after?.epoch && position.offset === after.offset) return;
  client.told.push("WRONG recovery from another position");
}

/** One that takes plain messages, each a number that grows. */
class Listener implements Subscriber {
  readonly received: number[] = [];

  deliver(message: Chunk): undefined {
    this.received.push(Number(message));
  }
}

/** Two processes, their clients, and an engine with faults. */
class World {
  readonly engine = new ScriptedEngine();
  readonly brokers: ScriptedBroker[] = [this.engine.broker(), this.engine.broker()];
  readonly hubs = this.brokers.map((broker) => new TopicHub({ topics: TOPICS, broker }));
  readonly clients: Client[] = [];
  readonly listeners: Listener[][] = [];
  /** What should have come of plain topics, for each listener. */
  readonly expected: number[][] = [];
  readonly #plain = new Set<string>();
  #published = 0;

  constructor() {
    for (const hub of this.hubs) {
      for (const topic of NAMES) {
        for (let count = 0; count < 2; count++) this.clients.push(new Client(hub, topic));
      }
      this.listeners.push([new Listener(), new Listener()]);
    }
  }

  publish(hub: number, topic: string): void {
    this.hubs[hub]?.publish(topic, String(++this.#published));
  }

  get published(): number {
    return this.#published;
  }
}

interface Step {
  readonly name: string;
  readonly run: (world: World, clock: FakeClock) => unknown;
}

const either = fc.nat(1);
const name = fc.constantFrom(...NAMES);

function steps(arbitrary: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> {
  return fc.array(arbitrary, { maxLength: 80, size: "max" });
}

const come = fc.record({ client: fc.nat(7), last: fc.nat(3) }).map(({ client, last }): Step => ({
  name: `client ${client} comes, with ${last}`,
  run: ({ clients }) => clients[client]?.come(last),
}));
const go = fc.nat(7).map((client): Step => ({
  name: `client ${client} goes`,
  run: ({ clients }) => clients[client]?.go(),
}));
const publish = fc.record({ hub: either, name }).map(({ hub, name }): Step => ({
  name: `hub ${hub} publishes to ${name}`,
  run: (world) => world.publish(hub, name),
}));
const listen = fc.record({ hub: either, each: either, name, on: fc.boolean() }).map(
  ({ hub, each, name, on }): Step => ({
    name: `listener ${each} of hub ${hub} ${on ? "subscribes to" : "leaves"} ${name}`,
    run: ({ hubs, listeners }) => {
      const listener = listeners[hub]?.[each];
      if (listener !== undefined) hubs[hub]?.[on ? "subscribe" : "unsubscribe"](name, listener);
    },
  }),
);

function fault<T>(
  named: string,
  value: fc.Arbitrary<T>,
  run: (broker: ScriptedBroker, value: T) => unknown,
): fc.Arbitrary<Step> {
  return fc.record({ hub: either, value }).map(({ hub, value }) => ({
    name: `broker ${hub} ${named} ${value}`,
    run: ({ brokers }) => {
      const broker = brokers[hub];
      if (broker !== undefined) run(broker, value);
    },
  }));
}

const faults = [
  fault("late", fc.boolean(), (broker, value) => broker.late = value),
  fault("twice", fc.boolean(), (broker, value) => broker.twice = value),
  fault("slow", fc.boolean(), (broker, value) => broker.slow = value),
  fault("away", fc.boolean(), (broker, value) => broker.away = value),
  fault("drops", fc.nat(3), (broker, value) => broker.drops = value),
  fault("delivers", fc.nat(3), (broker, value) => broker.deliver(value)),
  fault("answers", fc.nat(3), (broker, value) => broker.answer(value)),
  fault("is interrupted", fc.constant(""), (broker) => broker.interrupt()),
];
const wait = fc.constantFrom(10, 100, 6_000).map((ms): Step => ({
  name: `${ms} ms pass`,
  run: (_, clock) => clock.tick(ms),
}));
const forget = name.map((name): Step => ({
  name: `the engine forgets ${name}`,
  run: ({ engine }) => engine.forget(name),
}));

/** All faults end. What was dropped last is noticed when the broker tells of it. */
async function heal({ brokers }: World, clock: FakeClock): Promise<void> {
  for (const broker of brokers) {
    Object.assign(broker, { away: false, late: false, slow: false, twice: false, drops: 0 });
    broker.deliver();
    broker.answer();
    broker.interrupt();
  }
  await clock.tick(30_000);
}

async function run(all: readonly Step[]): Promise<World> {
  using clock = fakeClock();
  const world = new World();
  for (const { run } of all) {
    await run(world, clock);
    await settle();
  }
  await heal(world, clock);
  checkEnd(world);
  for (const hub of world.hubs) await hub.close();
  await clock.tick(30_000);
  assertEquals(clock.pending(), 0, "timers are left");
  return world;
}

function checkEnd({ clients, engine, listeners }: World): void {
  for (const { told, isHere, position, topic } of clients) {
    assertEquals(told.filter((line) => line.startsWith("WRONG")), [], told.join("\n"));
    const { epoch, top } = engine.log(topic);
    if (isHere) assertEquals(position, { epoch, offset: top }, told.join("\n"));
  }
  for (const { received } of listeners.flat()) {
    assertEquals(received, [...new Set(received)], "a listener got a message twice");
  }
}

function tellsLoss({ clients }: World): boolean {
  return clients.some(({ told }) => told.some((line) => /^lost|refused$/.test(line)));
}

const calm = [come, go, publish, publish, listen, wait];

Deno.test("clients see every publication once, in order, whatever the broker does", async () => {
  const all = steps(fc.oneof(...calm, ...faults));
  await fc.assert(
    fc.asyncProperty(all, async (all) => {
      const world = await run(all);
      assertEquals(tellsLoss(world), false, "a loss is told where the log has all");
    }),
    { numRuns: 400 },
  );
});

Deno.test("clients see every publication once, or are told, if logs are lost as well", async () => {
  const all = steps(fc.oneof(...calm, ...faults, forget));
  await fc.assert(fc.asyncProperty(all, async (all) => void await run(all)), { numRuns: 300 });
});

const plainStep = fc.record({
  does: fc.constantFrom(
    "subscribe" as const,
    "unsubscribe" as const,
    "leave" as const,
    "publish" as const,
  ),
  hub: either,
  each: either,
  topic: fc.constantFrom("p", "q"),
});

Deno.test("plain topics reach who is subscribed in any process at that moment, and nobody else", async () => {
  await fc.assert(fc.asyncProperty(fc.array(plainStep, { maxLength: 60 }), async (all) => {
    const world = new World();
    for (const hub of world.hubs) await hub.open();
    const model = new Map<Listener, Set<string>>();
    const expected = new Map<Listener, number[]>();
    for (const listener of world.listeners.flat()) {
      model.set(listener, new Set());
      expected.set(listener, []);
    }
    for (const { does, hub: index, each, topic } of all) {
      const hub = world.hubs[index];
      const listener = world.listeners[index]?.[each];
      if (hub === undefined || listener === undefined) continue;
      if (does === "publish") {
        world.publish(index, topic);
        for (const [other, topics] of model) {
          if (topics.has(topic)) expected.get(other)?.push(world.published);
        }
      } else if (does === "leave") {
        hub.leave(listener);
        model.get(listener)?.clear();
      } else {
        hub[does](topic, listener);
        model.get(listener)?.[does === "subscribe" ? "add" : "delete"](topic);
      }
    }
    for (const [listener, numbers] of expected) assertEquals(listener.received, numbers);
    for (const hub of world.hubs) await hub.close();
  }));
});
