import { RedisBroker } from "../../../src/topics/redis/redis_broker.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { serviceTest } from "../../support/services.ts";
import { testBroker } from "../broker_contract.ts";

testBroker("Redis", async () => {
  const server = await RedisServer.start();
  return {
    broker: (bounds) => new RedisBroker({ url: server.url, ...bounds }),
    sabotage: { kill: () => server.kill(), restart: () => server.restart() },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}, {
  sabotage: true,
  test: (name, fn) => serviceTest("redis-server", name, fn),
});
