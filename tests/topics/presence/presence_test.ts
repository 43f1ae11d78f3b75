import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import type { Position } from "../../../src/topics/broker/position.ts";
import { PresenceRoll } from "../../../src/topics/presence/presence_roll.ts";
import { TopicHub } from "../../../src/topics/topic_hub.ts";
import type {
  PresenceMember,
  PresenceSubscriber,
} from "../../../src/topics/feed/topic_subscriber.ts";
import { type FakeClock, fakeClock, settle } from "../../support/fake_clock.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { type ScriptedBroker, ScriptedEngine } from "../../support/scripted_broker.ts";

/** Keeps what it is told: `present ann,bob`, `joined ann`, `left bob`. */
class Watcher implements PresenceSubscriber {
  readonly told: string[] = [];
  readonly positions: number[] = [];

  present(_topic: string, members: readonly PresenceMember[], position: Position): void {
    this.told.push(`present ${members.map(shown).join(",")}`.trimEnd());
    this.positions.push(position.offset);
  }

  joined(_topic: string, member: PresenceMember, position: Position): void {
    this.told.push(`joined ${shown(member)}`);
    this.positions.push(position.offset);
  }

  left(_topic: string, member: PresenceMember, position: Position): void {
    this.told.push(`left ${shown(member)}`);
    this.positions.push(position.offset);
  }
}

function shown({ id, info }: PresenceMember): string {
  return info === null ? id : `${id}:${JSON.stringify(info)}`;
}

/** Two processes with one engine, in a time of their own. */
class Stage implements AsyncDisposable {
  readonly clock: FakeClock = fakeClock();
  readonly engine = new ScriptedEngine();
  readonly broker: ScriptedBroker = this.engine.broker();
  readonly otherBroker: ScriptedBroker = this.engine.broker();
  readonly hub = this.#hub(this.broker);
  readonly other = this.#hub(this.otherBroker);

  #hub(broker: ScriptedBroker): TopicHub {
    return new TopicHub({ topics: { room: { presence: true }, news: {} }, broker });
  }

  async watch(hub: TopicHub = this.hub): Promise<Watcher> {
    const watcher = new Watcher();
    await hub.watch("room", watcher);
    return watcher;
  }

  join(hub: TopicHub, id: string, holder: object = {}, info: unknown = null): Promise<void> {
    return hub.join("room", { id, info }, holder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await this.other.close();
    await this.clock.tick(20_000);
    const timers = this.clock.pending();
    this.clock[Symbol.dispose]();
    assertEquals(timers, 0, "timers are left");
  }
}

Deno.test("watcher is told who is there, who comes and who leaves, across processes", async () => {
  await using stage = new Stage();
  const [ann, bob] = [{}, {}];
  await stage.join(stage.other, "ann", ann, { name: "Ann" });
  const watcher = await stage.watch();
  await stage.join(stage.hub, "bob", bob);
  stage.other.leave("room", "ann", ann);
  await stage.clock.tick(15_000);
  assertEquals(watcher.told, [
    'present ann:{"name":"Ann"}',
    "joined bob",
    'left ann:{"name":"Ann"}',
  ]);
  assertEquals(watcher.positions, [1, 2, 3]);
});

Deno.test("several sockets of one id are one member, until the last has left", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  const sockets = [{}, {}, {}];
  const [one = {}, two = {}, three = {}] = sockets;
  await stage.join(stage.hub, "ann", one);
  await stage.join(stage.hub, "ann", two);
  await stage.join(stage.other, "ann", three);
  for (const socket of [one, two]) stage.hub.leave("room", "ann", socket);
  await stage.clock.tick(20_000);
  assertEquals(watcher.told, ["present", "joined ann"]);
  stage.other.leave("room", "ann", three);
  await stage.clock.tick(20_000);
  assertEquals(watcher.told, ["present", "joined ann", "left ann"]);
});

Deno.test("member that comes back within the grace has not left", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  const [first, second] = [{}, {}];
  await stage.join(stage.hub, "ann", first);
  stage.hub.leave("room", "ann", first);
  await stage.clock.tick(14_000);
  await stage.join(stage.hub, "ann", second);
  await stage.clock.tick(60_000);
  assertEquals(watcher.told, ["present", "joined ann"]);
  stage.hub.leave("room", "ann", second);
  stage.hub.leave("room", "ann", second);
  await stage.clock.tick(14_000);
  assertEquals(watcher.told.length, 2);
  await stage.clock.tick(1_000);
  assertEquals(watcher.told.at(-1), "left ann");
});

Deno.test("member that comes back to another process within the grace has not left", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  const first = {};
  await stage.join(stage.hub, "ann", first);
  stage.hub.leave("room", "ann", first);
  await stage.clock.tick(3_000);
  await stage.join(stage.other, "ann");
  await stage.clock.tick(60_000);
  assertEquals(watcher.told, ["present", "joined ann"]);
  assertEquals(await stage.hub.members("room"), [{ id: "ann", info: null }]);
});

Deno.test("grace can be shorter", async () => {
  await using stage = new Stage();
  const hub = new TopicHub(
    { topics: { room: { presence: true } }, broker: stage.engine.broker() },
    { presence: { grace: 10 } },
  );
  const watcher = await stage.watch();
  const holder = {};
  await stage.join(hub, "ann", holder);
  hub.leave("room", "ann", holder);
  await stage.clock.tick(10);
  assertEquals(watcher.told, ["present", "joined ann", "left ann"]);
  await hub.close();
});

Deno.test("info that changes is told, the same again is not", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  const socket = {};
  for (const info of [1, 1, 2]) await stage.join(stage.hub, "ann", socket, info);
  await stage.join(stage.other, "ann", {}, 3);
  assertEquals(watcher.told, ["present", "joined ann:1", "joined ann:2", "joined ann:3"]);
});

Deno.test("members of a process that was killed are gone within ten seconds", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  await stage.join(stage.other, "ann");
  await stage.join(stage.hub, "bob");
  await stage.clock.tick(30_000);
  assertEquals(watcher.told, ["present", "joined ann", "joined bob"]);
  // What is closed leaves its records, as what is killed does.
  await stage.other.close();
  await stage.clock.tick(9_000);
  assertEquals(watcher.told.slice(3), ["left ann"]);
});

Deno.test("process that was taken for dead joins its own again when it is back", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  await stage.join(stage.other, "ann");
  stage.otherBroker.away = true;
  await stage.clock.tick(10_000);
  stage.otherBroker.away = false;
  await stage.clock.tick(5_000);
  assertEquals(watcher.told, ["present", "joined ann", "left ann", "joined ann"]);
});

Deno.test("engine that lost all records has them again after the interruption", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  await stage.join(stage.hub, "ann");
  await stage.join(stage.other, "bob");
  stage.engine.roll("room").records.clear();
  stage.broker.interrupt();
  stage.otherBroker.interrupt();
  await stage.clock.tick(1_000);
  const members = await stage.hub.members("room");
  assertEquals(members.map(({ id }) => id).sort(), ["ann", "bob"]);
  const late = await stage.watch(stage.other);
  assertEquals(late.told, ["present ann,bob"]);
  assert(watcher.told.length >= 3);
});

Deno.test("change that was lost on the way has the list read again, and the difference told", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  await stage.join(stage.other, "ann");
  stage.broker.drops = 1;
  await stage.join(stage.other, "bob");
  await stage.join(stage.other, "cat");
  await settle();
  assertEquals(watcher.told, ["present", "joined ann", "joined bob", "joined cat"]);
  assertEquals(watcher.positions, [0, 1, 3, 3]);
});

Deno.test("changes that come twice are told once", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  stage.broker.twice = true;
  await stage.join(stage.other, "ann");
  assertEquals(watcher.told, ["present", "joined ann"]);
});

Deno.test("changes that come while the list is read are neither lost nor told twice", async () => {
  await using stage = new Stage();
  await stage.join(stage.other, "ann");
  stage.broker.slow = true;
  const watching = stage.watch();
  await settle();
  await stage.join(stage.other, "bob");
  stage.broker.slow = false;
  stage.broker.answer();
  const watcher = await watching;
  await stage.join(stage.other, "cat");
  assertEquals(watcher.told, ["present ann,bob", "joined cat"]);
});

Deno.test("list is read again while the engine is away, with growing pauses", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  stage.broker.away = true;
  stage.broker.drops = 1;
  await stage.join(stage.other, "ann");
  stage.broker.interrupt();
  await stage.clock.tick(60_000);
  stage.broker.away = false;
  await stage.clock.tick(5_000);
  assertEquals(watcher.told, ["present", "joined ann"]);
});

Deno.test("change that the list never has is believed in the end", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch();
  const record = { node: "x", id: "ann", info: "null" };
  stage.broker.handChange("room", { epoch: "p", offset: 9, previous: 8, record, gone: false });
  await stage.clock.tick(60_000);
  assertEquals(watcher.told, ["present", "joined ann"]);
  assert(stage.broker.lists < 10, `${stage.broker.lists} lists`);
});

Deno.test("watcher that leaves hears nothing, also one that is about to begin", async () => {
  await using stage = new Stage();
  const [early, late] = [new Watcher(), new Watcher()];
  const watching = stage.hub.watch("room", early);
  stage.hub.unwatch("room", early);
  await watching.catch(() => {});
  await stage.hub.watch("room", late);
  stage.hub.unwatch("room", late);
  await stage.join(stage.hub, "ann");
  assertEquals([early.told, late.told], [[], ["present"]]);
});

Deno.test("join and watch reject while the engine is away, and leave nothing behind", async () => {
  await using stage = new Stage();
  stage.broker.away = true;
  const watcher = new Watcher();
  await assertRejects(() => stage.join(stage.hub, "ann"), BrokerError, "away");
  await assertRejects(() => stage.hub.watch("room", watcher), BrokerError, "away");
  await assertRejects(() => stage.hub.members("room"), BrokerError, "away");
  stage.broker.away = false;
  await stage.clock.tick(10_000);
  assertEquals(await stage.other.members("room"), []);
  assertEquals(watcher.told, []);
});

Deno.test("leave that the engine did not take is made up for", async () => {
  await using stage = new Stage();
  const watcher = await stage.watch(stage.other);
  const holder = {};
  await stage.join(stage.hub, "ann", holder);
  stage.hub.leave("room", "ann", holder);
  await stage.clock.tick(14_500);
  stage.broker.away = true;
  await stage.clock.tick(1_000);
  stage.broker.away = false;
  await stage.clock.tick(5_000);
  assertEquals(watcher.told, ["present", "joined ann", "left ann"]);
});

Deno.test("process without presence gives no sign of life, and has no timer", async () => {
  await using stage = new Stage();
  await stage.hub.publish("news", "a");
  assertEquals([stage.engine.beats.size, stage.clock.pending()], [0, 0]);
  const watcher = await stage.watch();
  assertEquals([stage.engine.beats.size, stage.clock.pending()], [1, 1]);
  stage.hub.unwatch("room", watcher);
  await stage.clock.tick(2_000);
  assertEquals(stage.clock.pending(), 0);
});

Deno.test("process gives signs of life as long as somebody is in it, and when they are back", async () => {
  await using stage = new Stage();
  const sinceBeat = () =>
    performance.now() - (stage.engine.beats.get(stage.broker.node) ?? -Infinity);
  const ann = {};
  await stage.join(stage.hub, "ann", ann);
  await stage.clock.tick(100);
  stage.hub.leave("room", "ann", ann);
  // The next sign would be due at 16,000: nobody is there then.
  await stage.clock.tick(16_400);
  await stage.join(stage.hub, "ann", ann);
  await stage.clock.tick(10_000);
  assert(sinceBeat() <= 2_000, `the last sign was ${sinceBeat()} ms ago`);
  stage.hub.leave("room", "ann", ann);
  await stage.clock.tick(60_000);
  assert(sinceBeat() > 40_000, `there was one ${sinceBeat()} ms ago`);
});

Deno.test("hub that is opened again has a presence again", async () => {
  await using stage = new Stage();
  await stage.join(stage.hub, "ann");
  await stage.hub.close();
  await assertRejects(() => stage.hub.members("room"), BrokerError, "is closed");
  await stage.hub.open();
  const watcher = await stage.watch();
  await stage.join(stage.hub, "bob");
  assertEquals(watcher.told.at(-1), "joined bob");
  await stage.clock.tick(10_000);
  assertEquals(performance.now() - (stage.engine.beats.get(stage.broker.node) ?? 0) <= 2_000, true);
});

Deno.test("topic without presence has no members to look for", async () => {
  await using stage = new Stage();
  for (const topic of ["news", "plain"]) {
    await assertRejects(() => stage.hub.members(topic), TypeError, "Cannot look who is in");
    await assertRejects(() => stage.hub.watch(topic, new Watcher()), TypeError);
    await assertRejects(() => stage.hub.join(topic, { id: "a", info: null }, {}), TypeError);
  }
});

Deno.test("info that has no JSON is refused, and nobody is there", async () => {
  await using stage = new Stage();
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const info of [() => {}, circle, 1n]) {
    await assertRejects(() => stage.join(stage.hub, "ann", {}, info), TypeError);
  }
  assertEquals(await stage.hub.members("room"), []);
});

Deno.test("id of a member is a well-formed string of 1 to 256 bytes", async () => {
  await using stage = new Stage();
  for (const id of ["", "x".repeat(257)]) {
    await assertRejects(() => stage.join(stage.hub, id), RangeError, "as the id of a member");
  }
  await assertRejects(() => stage.join(stage.hub, "\ud800"), TypeError, "not well-formed");
  await stage.join(stage.hub, "\0 __proto__ 🌪️");
  assertEquals((await stage.hub.members("room")).length, 1);
});

Deno.test("watcher that throws is logged, and the others are told", async () => {
  using records = captureLogs();
  await using stage = new Stage();
  const bad = await stage.watch();
  bad.joined = () => {
    throw new Error("gust");
  };
  const good = await stage.watch();
  await stage.join(stage.hub, "ann");
  assertEquals(good.told, ["present", "joined ann"]);
  await expectLog(records, "error", /Exception in who watches the topic "room"\nError: gust/);
});

Deno.test("record whose info another program wrote malformed is a member without info", () => {
  const roll = new PresenceRoll([{ node: "x", id: "ann", info: "{" }]);
  assertEquals(roll.members, [{ id: "ann", info: null }]);
});

// ---- whatever happens

interface PresenceStep {
  readonly does:
    | "join"
    | "leave"
    | "watch"
    | "unwatch"
    | "drop"
    | "late"
    | "away"
    | "back"
    | "wait";
  readonly hub: number;
  readonly who: number;
}

const presenceStep: fc.Arbitrary<PresenceStep> = fc.record({
  does: fc.constantFrom(
    ...([
      "join",
      "join",
      "leave",
      "watch",
      "unwatch",
      "drop",
      "late",
      "away",
      "back",
      "wait",
    ] as const),
  ),
  hub: fc.nat(1),
  who: fc.nat(2),
});

/** What a watcher believes, from what it was told. */
class Believer implements PresenceSubscriber {
  readonly members = new Map<string, unknown>();
  readonly wrong: string[] = [];

  present(_topic: string, members: readonly PresenceMember[]): void {
    this.members.clear();
    for (const { id, info } of members) this.members.set(id, info);
  }

  joined(_topic: string, { id, info }: PresenceMember): void {
    if (this.members.has(id) && this.members.get(id) === info) {
      this.wrong.push(`joined ${id} twice`);
    }
    this.members.set(id, info);
  }

  left(_topic: string, { id }: PresenceMember): void {
    if (!this.members.delete(id)) this.wrong.push(`${id} left, and was not there`);
  }
}

Deno.test("watchers know in the end who is there, whatever the broker does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(presenceStep, { maxLength: 40, size: "max" }), async (steps) => {
      await using stage = new Stage();
      const hubs = [stage.hub, stage.other];
      const brokers = [stage.broker, stage.otherBroker];
      const believers = hubs.map(() => new Believer());
      const holders = hubs.map(() => [{}, {}, {}]);
      const held = new Set<string>();
      const watching = new Set<number>();
      for (const { does, hub: index, who } of steps) {
        const [hub, broker] = [hubs[index], brokers[index]];
        const [believer, holder] = [believers[index], holders[index]?.[who]];
        if (!hub || !broker || !believer || !holder) continue;
        const key = `${index} ${who}`;
        if (does === "join") {
          await stage.join(hub, `m${who}`, holder, index).then(() => held.add(key), () => {});
        } else if (does === "leave") {
          held.delete(key);
          hub.leave("room", `m${who}`, holder);
        } else if (does === "watch") {
          watching.delete(index);
          await hub.watch("room", believer).then(() => watching.add(index), () => {});
        } else if (does === "unwatch") {
          watching.delete(index);
          hub.unwatch("room", believer);
        } else if (does === "drop") broker.drops = 2;
        else if (does === "late") broker.late = true;
        else if (does === "away") broker.away = true;
        else if (does === "back") broker.away = false;
        else await stage.clock.tick(7_000);
        await settle();
      }
      for (const broker of brokers) {
        Object.assign(broker, { away: false, late: false, drops: 0 });
        broker.deliver();
        broker.interrupt();
      }
      await stage.clock.tick(60_000);
      const there = [...new Set([...held].map((key) => `m${key.split(" ")[1]}`))].sort();
      for (const index of watching) {
        assertEquals([...believers[index]?.members.keys() ?? []].sort(), there);
      }
      for (const { wrong } of believers) assertEquals(wrong, []);
      assertEquals((await stage.hub.members("room")).map(({ id }) => id).sort(), there);
    }),
    { numRuns: 200 },
  );
});
