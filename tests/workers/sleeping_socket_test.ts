import { assertEquals } from "@std/assert";
import { KeptSockets } from "../../src/workers/kept_sockets.ts";
import { SleepingSocket } from "../../src/workers/sleeping_socket.ts";
import { ObjectState } from "../support/object_state.ts";

/** A socket of the runtime, and what was sent over it. */
function nativeSocket() {
  const sent: unknown[] = [];
  const native = { readyState: 1, send: (data: unknown) => void sent.push(data), close() {} };
  return { native, sent };
}

const SUBSCRIBE = '{"type":"subscribe","id":1,"topic":"chat","presence":true}';

function subscribed(state: ObjectState): KeptSockets {
  const kept = new KeptSockets(state.storage.sql);
  kept.add("one", new Request("http://localhost/topics", { headers: { Cookie: "a=b" } }));
  const socket = new SleepingSocket(nativeSocket().native, "one", kept);
  socket.socket.send('{"type":"welcome","session":"s","token":"t"}');
  socket.receive(SUBSCRIBE);
  socket.socket.send('{"type":"subscribed","id":1,"topic":"chat","position":"a.1"}');
  return kept;
}

/** Wakes a socket whose server answers every frame with some lines. */
async function wake(kept: KeptSockets, answers: readonly object[]) {
  const { native, sent } = nativeSocket();
  const socket = new SleepingSocket(native, "one", kept);
  const asked: string[] = [];
  socket.socket.addEventListener("message", (event) => {
    asked.push(String((event as MessageEvent).data));
    for (const line of answers) socket.socket.send(JSON.stringify(line));
  });
  const known = kept.find("one");
  const isWhole = known !== null && await socket.revive(known);
  return { isWhole, sent, asked };
}

Deno.test("object keeps the request, the token and the subscriptions of a socket", () => {
  using state = new ObjectState();
  const known = subscribed(state).find("one");
  assertEquals(known?.request.headers.get("cookie"), "a=b");
  assertEquals(known?.token, "t");
  assertEquals(known?.subscriptions, [{ topic: "chat", presence: true, asked: true }]);
});

Deno.test("socket that wakes repeats what its client has asked for, and the client hears nothing", async () => {
  using state = new ObjectState();
  const welcome = { type: "welcome", resumed: true };
  const answer = { type: "subscribed", id: 9_000_000_000_000_000, topic: "chat" };
  const { isWhole, sent, asked } = await wake(subscribed(state), [welcome, answer]);
  assertEquals([isWhole, sent], [true, []]);
  const lines = asked.join().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines[0], { type: "hello", token: "t" });
  assertEquals([lines[1].topic, lines[1].presence], ["chat", true]);
});

Deno.test("socket whose session or subscription is gone cannot be taken up", async () => {
  using state = new ObjectState();
  const kept = subscribed(state);
  const strange = await wake(kept, [{ type: "welcome", resumed: false }]);
  assertEquals(strange.isWhole, false);
  const refusal = { type: "error", id: 9_000_000_000_000_000, code: 403 };
  const refused = await wake(kept, [{ type: "welcome", resumed: true }, refusal]);
  assertEquals(refused.isWhole, false);
});

Deno.test("object forgets a subscription that ends, and a socket that closes", () => {
  using state = new ObjectState();
  const kept = subscribed(state);
  const socket = new SleepingSocket(nativeSocket().native, "one", kept);
  socket.receive('{"type":"unsubscribe","id":2,"topic":"chat"}');
  assertEquals(kept.find("one")?.subscriptions, []);
  socket.end(1000, "");
  assertEquals(kept.find("one"), null);
});
