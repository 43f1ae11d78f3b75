import type { Broker } from "@gustnado/gustnado/topics";
import { natsBroker } from "@gustnado/gustnado/nats";
import { redisBroker } from "@gustnado/gustnado/redis";

/**
 * What carries the room between processes.
 *
 * @param url Such as `redis://user:password@localhost:6379` or `nats://localhost:4222`.
 * @throws {TypeError} If it is neither. It is not quoted: it may have a password.
 */
export function brokerAt(url: string): Broker {
  const { protocol, host, username, password } = URL.parse(url) ?? new URL("none:");
  switch (protocol) {
    case "redis:":
    case "rediss:":
      return redisBroker({ url });
    case "nats:":
      return natsBroker({
        servers: host,
        ...username === "" ? {} : { user: decodeURIComponent(username) },
        ...password === "" ? {} : { pass: decodeURIComponent(password) },
      });
    default:
      throw new TypeError("Cannot use BROKER: it must begin with redis://, rediss:// or nats://");
  }
}
