import type { BrokerBounds } from "../broker_contract.ts";
import { testBroker } from "../broker_contract.ts";
import { NatsEngine } from "../../support/nats_engine.ts";
import { serviceTest } from "../../support/services.ts";

testBroker(
  "nats",
  async () => {
    const engine = await NatsEngine.start();
    return {
      broker: (bounds: BrokerBounds = {}) => engine.broker(bounds),
      sabotage: { kill: () => engine.kill(), restart: () => engine.restart() },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  },
  { sabotage: true, test: (name, fn) => serviceTest("nats-server", name, fn) },
);
