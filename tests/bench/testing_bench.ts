/** What a test costs with `./testing`: `deno bench -A tests/bench/testing_bench.ts`. */
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { testServer } from "../../src/testing/test_server.ts";

class Main extends RequestHandler {
  override get() {
    this.write("Hello, world");
  }

  override post() {
    this.write(this.getBodyArgument("name"));
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

function application(): Application {
  return new Application([["/", Main], ["/ws", Echo]], { xsrfCookies: true });
}

for (const options of [{}, { socket: true }]) {
  const where = options.socket ? "over a socket" : "in process";
  const baseline = !options.socket;

  Deno.bench(`a request, ${where}`, { group: "request", baseline }, async (b) => {
    await using t = testServer(application(), options);
    b.start();
    for (let i = 0; i < 100; i++) await (await t.get("/")).text();
    b.end();
  });

  Deno.bench(`a form with its token, ${where}`, { group: "form", baseline }, async (b) => {
    await using t = testServer(application(), options);
    b.start();
    for (let i = 0; i < 100; i++) await (await t.post("/", { form: { name: "Ada" } })).text();
    b.end();
  });

  Deno.bench(`a test with a WebSocket, ${where}`, { group: "WebSocket", baseline }, async () => {
    await using t = testServer(application(), options);
    const socket = await t.websocket("/ws");
    socket.writeMessage("hello");
    await socket.readMessage();
  });
}
