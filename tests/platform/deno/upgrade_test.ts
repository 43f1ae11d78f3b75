/** Connections that an application takes over by itself, with `Deno.upgradeWebSocket`. */
import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { Middleware } from "../../../src/web/middleware/middleware.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";

/** As a framework does that is mounted. */
function takeOver(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.onopen = () => socket.send("open");
  return response;
}

class TakingOver extends RequestHandler {
  override get() {
    return takeOver(this.request.raw);
  }
}

class WaitingToTakeOver extends RequestHandler {
  override async get() {
    await undefined;
    return takeOver(this.request.raw);
  }
}

async function waitingToTakeOver(request: Request): Promise<Response> {
  await undefined;
  return takeOver(request);
}

const pass: Middleware = (_request, next) => next();

type Log = { readonly logFunction: (handler: { readonly request: object }) => void };

const STRANGERS: Readonly<Record<string, (log: Log) => Application>> = {
  "a fetch function": (log) => new Application([["/", takeOver]], log),
  "a fetch function that waits": (log) => new Application([["/", waitingToTakeOver]], log),
  "a fetch function below middleware": (log) =>
    new Application([["/", takeOver]], { middleware: [pass], ...log }),
  "a middleware": (log) => new Application([], { middleware: [takeOver], ...log }),
  "a method": (log) => new Application([["/", TakingOver]], log),
  "a method that waits": (log) => new Application([["/", WaitingToTakeOver]], log),
};

for (const [who, create] of Object.entries(STRANGERS)) {
  Deno.test(`WebSocket that ${who} has made works, and is logged`, async () => {
    const logged: string[] = [];
    const logFunction: Log["logFunction"] = ({ request }) => void logged.push(String(request));
    await using server = serve(create({ logFunction }));
    using client = await RawWebSocket.connect(server.port, "/");
    assertEquals((await client.receive())?.text, "open");
    await client.close();
    assertEquals(logged, who === "a middleware" ? [] : ["GET / (127.0.0.1)"]);
  });
}

Deno.test("what was set on the handler goes out with the 101 that it returns", async () => {
  class Upgrading extends RequestHandler {
    override get() {
      this.setHeader("X-A", "1");
      this.setCookie("a", "1");
      return takeOver(this.request.raw);
    }
  }
  await using server = serve(new Application([["/", Upgrading]]));
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  const head = new TextDecoder().decode(
    await socket.readUntil(new TextEncoder().encode("\r\n\r\n")) ?? undefined,
  ).toLowerCase();
  assert(head.startsWith("http/1.1 101 "), head);
  assert(head.includes("\r\nx-a: 1\r\n") && head.includes("\r\nset-cookie: a=1; path=/\r\n"), head);
});
