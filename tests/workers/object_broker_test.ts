import { assertEquals } from "@std/assert";
import { fakeTime } from "../../src/testing/mod.ts";
import { ObjectBroker } from "../../src/workers/object_broker.ts";
import { ObjectState } from "../support/object_state.ts";
import { testBroker } from "../topics/broker_contract.ts";

testBroker("Durable Object", () => {
  const state = new ObjectState();
  return Promise.resolve({
    broker: () => new ObjectBroker(state),
    [Symbol.asyncDispose]: () => Promise.resolve(state[Symbol.dispose]()),
  });
}, { processes: "one" });

const LIMITS = { history: 10, maxBytes: 1_000, ttl: 60_000 };

function opened(state: ObjectState, node = "one"): ObjectBroker {
  const broker = new ObjectBroker(state);
  const events = { plain() {}, record() {}, presence() {}, interrupted() {} };
  broker.open({ node, limitsOf: () => LIMITS, events });
  return broker;
}

Deno.test("log of an object is there when it wakes", async () => {
  using state = new ObjectState();
  const { position } = await opened(state).log.append("news", "tone");
  const read = await opened(state).log.read("news", { ...position, offset: 0 });
  assertEquals(read.records.map(({ payload }) => payload), ["tone"]);
  assertEquals(read.whole, true);
});

Deno.test("object lets go what nobody asked for in time", async () => {
  using state = new ObjectState();
  using time = fakeTime();
  const { log } = opened(state);
  await log.append("news", "tone");
  log.sweep();
  assertEquals(log.isEmpty, false);
  await time.tick(60_000);
  log.sweep();
  assertEquals(log.isEmpty, true);
});

Deno.test("who has not come back since the object woke is no longer present", async () => {
  using state = new ObjectState();
  const before = opened(state).presence;
  const member = { node: "one", info: "{}" };
  await before.join("chat", { ...member, id: "a" });
  await before.join("chat", { ...member, id: "b" });
  const { presence } = opened(state, "two");
  await presence.join("chat", { ...member, node: "two", id: "a" });
  presence.forgetAbsent();
  const { records, position } = await presence.list("chat");
  assertEquals(records.map(({ id }) => id), ["a"]);
  assertEquals(position.offset, 5);
});
