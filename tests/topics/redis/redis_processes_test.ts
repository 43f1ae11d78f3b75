import { assertEquals } from "@std/assert";
import { poll } from "../../support/poll.ts";
import { RedisPeer } from "../../support/redis_peer.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { serviceTest } from "../../support/services.ts";

const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;
const PUBLISHER = new URL("../../fixtures/redis_publisher.ts", import.meta.url).pathname;

function startPublisher(...args: readonly string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--config", CONFIG, PUBLISHER, ...args],
    stderr: "inherit",
  }).output();
}

serviceTest("redis-server", "two processes that append 1,000 each see one order", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const running = ["one", "two"].map((name) => startPublisher(server.url, name, "1000", "2000"));
  await poll(async () => (await peer.log.top("ready")).offset === 2);
  peer.broker.publish("begin", "t");
  const outputs = await Promise.all(running);
  const [one = "", two = ""] = outputs.map(({ stdout }) => new TextDecoder().decode(stdout));
  const seen: [number, number, string][] = JSON.parse(one);
  assertEquals(JSON.parse(two), seen);
  const counted = Array.from({ length: 2_000 }, (_, index) => [index + 1, index]);
  assertEquals(seen.map(([offset, previous]) => [offset, previous]), counted);
  for (const name of ["one", "two"]) {
    const own = seen.map(([, , payload]) => payload).filter((each) => each.startsWith(`t${name} `));
    assertEquals(own, Array.from({ length: 1_000 }, (_, index) => `t${name} ${index}`));
  }
  const mixed = seen.filter(([, , payload], index) => payload[1] !== seen[index + 1]?.[2][1]);
  assertEquals(mixed.length > 2, true);
});
