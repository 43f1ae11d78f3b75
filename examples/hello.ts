/**
 * The smallest application: a page, and a WebSocket that echoes.
 *
 * ```sh
 * deno run --allow-net examples/hello.ts
 * deno serve --port 8888 examples/hello.ts
 * ```
 */
import { Application, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";

class MainHandler extends RequestHandler {
  override get() {
    this.write("Hello, world");
  }
}

class EchoHandler extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

const app: Application = new Application([
  ["/", MainHandler],
  ["/ws", EchoHandler],
]);

if (import.meta.main) app.listen(8888);
export default app;
