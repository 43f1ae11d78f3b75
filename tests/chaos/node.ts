/** A node of the arena: `deno run -A tests/chaos/node.ts <port> <url of the broker>`. */
import { Application, type Broker, RequestHandler, TopicHandler } from "@gustnado/gustnado";

const [port = "0", url = ""] = Deno.args;

class Open extends TopicHandler {
  override canSubscribe(): boolean {
    return true;
  }

  override canPublish(): boolean {
    return true;
  }
}

class Slow extends RequestHandler {
  override async get(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    this.write("done");
  }
}

new Application([["/topics", Open], ["/slow", Slow]], {
  broker: await broker(),
  topics: { "chaos/*": { history: 2_000, ttl: 600_000 } },
  cookieSecret: "the same on every node",
}).listen(Number(port), { hostname: "127.0.0.1", onListen() {} });

async function broker(): Promise<Broker> {
  if (url.startsWith("redis:")) {
    const { RedisBroker } = await import("@gustnado/gustnado/redis");
    return new RedisBroker({ url });
  }
  const { NatsBroker } = await import("@gustnado/gustnado/nats");
  return new NatsBroker({ servers: url });
}
