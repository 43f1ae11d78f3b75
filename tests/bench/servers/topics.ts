/** Ours: a node that serves topics, with the broker at a URL, if one is given. Prints its port. */
import { Application, type Broker, TopicHandler, TopicStreamHandler } from "@gustnado/gustnado";

const [url = ""] = Deno.args;

class Sockets extends TopicHandler {
  override canSubscribe() {
    return true;
  }

  override canPublish() {
    return true;
  }
}

class Posts extends TopicStreamHandler {
  override canPublish() {
    return true;
  }
}

const app = new Application([["/", Sockets], ["/post/:topic", Posts]], {
  topics: { room: { history: 1_000 } },
  cookieSecret: "the same on every node",
  ...url !== "" && { broker: await brokerAt(url) },
});
const server = app.listen(0, { hostname: "127.0.0.1" });
console.log(server.port);

async function brokerAt(url: string): Promise<Broker> {
  if (url.startsWith("redis:")) {
    const { RedisBroker } = await import("@gustnado/gustnado/redis");
    return new RedisBroker({ url });
  }
  const { NatsBroker } = await import("@gustnado/gustnado/nats");
  return new NatsBroker({ servers: url });
}
