/** Ours: the server of one row. Prints its port. */
import { Application, RequestHandler, type Route, WebSocketHandler } from "@gustnado/gustnado";
import { HELLO, PAGE, ROUTES } from "../content.ts";

class Hello extends RequestHandler {
  override get() {
    this.write(HELLO);
  }
}

class Item extends RequestHandler {
  override get(id: string) {
    this.write(`Hello, ${id}`);
  }
}

class Waiting extends RequestHandler {
  override async get() {
    await null;
    this.write(HELLO);
  }
}

class Json extends RequestHandler {
  override post() {
    this.write(this.request.json() as object);
  }
}

class Page extends RequestHandler {
  override get() {
    this.write(PAGE);
  }
}

class Form extends RequestHandler {
  override post() {
    this.write(`${this.getArgument("name")} ${this.getArguments("tag").join(",")}`);
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

class Room extends WebSocketHandler {
  override open() {
    this.subscribe("room");
  }

  override onMessage(message: string | Uint8Array) {
    this.application.publish("room", message);
  }
}

const [row = "", root = "."] = Deno.args;

const routes: Record<string, readonly Route[]> = {
  fixed: [["/", Hello]],
  route100: Array.from({ length: ROUTES }, (_, i): Route => [`/r${i}/:id`, Item]),
  async: [["/", Waiting]],
  json: [["/", Json]],
  etag304: [["/", Page]],
  form: [["/", Form]],
  echo: [["/", Echo]],
  room: [["/", Room]],
};

const app = new Application(routes[row] ?? [], row === "static" ? { staticPath: root } : {});
const server = app.listen(0, { hostname: "127.0.0.1" });
console.log(server.port);
