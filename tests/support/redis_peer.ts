/**
 * A process of an application that has its topics in Redis.
 *
 * @module
 */
import { createClient } from "redis";
import type { TopicLimits } from "../../src/topics/broker/broker.ts";
import { RedisBroker } from "../../src/topics/redis/redis_broker.ts";
import type { RedisBrokerOptions } from "../../src/topics/redis/redis_broker_options.ts";
import { BrokerPeer } from "./broker_peer.ts";
import { expectLog, type LogRecords } from "./log_records.ts";

const LOSS = /^Cannot reach Redis at \S+:\d+: .+; trying again$/;
const LIMITS: TopicLimits = { history: 5_000, maxBytes: 4 * 1024 * 1024, ttl: 60_000 };

/** A broker that is open, with all that it handed over. */
export class RedisPeer extends BrokerPeer implements AsyncDisposable {
  /** Opens one, to be bound with `await using`. */
  static async open(
    options: RedisBrokerOptions,
    limits: Partial<TopicLimits> = {},
  ): Promise<RedisPeer> {
    const peer = new RedisPeer(new RedisBroker(options), () => ({ ...LIMITS, ...limits }));
    await peer.open();
    return peer;
  }

  /** The payloads that it was handed of a topic. */
  payloads(topic: string): string[] {
    return this.records(topic).map(({ payload }) => payload);
  }

  /** Closes the broker. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.close();
  }
}

/** Sends commands to a Redis server, beside the brokers. */
export async function redisCommands(
  url: string,
  ...commands: readonly (readonly string[])[]
): Promise<unknown[]> {
  const client = createClient({ url, maintNotifications: "disabled" });
  client.on("error", () => {});
  await client.connect();
  try {
    const answers: unknown[] = [];
    for (const words of commands) answers.push(await client.sendCommand(words));
    return answers;
  } finally {
    client.destroy();
  }
}

/** Expects the warnings of all connections that were lost; there may be none. */
export async function expectLosses(records: LogRecords): Promise<void> {
  for (const { message } of records.all.filter(({ level }) => level === "warning")) {
    if (LOSS.test(message)) await expectLog(records, "warning", LOSS);
  }
}
