/** Ours on Deno, Node and Bun: the server of one row. Prints its port. */
import {
  Application,
  type ApplicationSettings,
  AsyncHTTPClient,
  DictLoader,
  RequestHandler,
  type Route,
  WebSocketHandler,
} from "@gustnado/gustnado";
import {
  COOKIE_SECRET,
  HELLO,
  PAGE,
  PRODUCTS,
  PRODUCTS_TEMPLATE,
  ROUTES,
  TITLE,
  USER,
} from "../content.ts";
import { fetchFor } from "../fetches.ts";
import { serverArguments } from "./arguments.ts";

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

class Products extends RequestHandler {
  override get() {
    return this.render("products.html", { title: TITLE, rows: PRODUCTS });
  }

  /** The peers send none. */
  override computeEtag() {
    return null;
  }
}

class Form extends RequestHandler {
  override post() {
    this.write(`${this.getArgument("name")} ${this.getArguments("tag").join(",")}`);
  }
}

class Login extends RequestHandler {
  override get() {
    this.setSignedCookie("user", USER);
  }
}

class Known extends RequestHandler {
  override get() {
    const user = this.getSignedCookie("user");
    if (user === null) this.setStatus(403);
    else this.write(`Hello, ${user}`);
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

const client = new AsyncHTTPClient();

class Client extends RequestHandler {
  override async get() {
    const { uri } = this.request;
    this.write(await fetchFor(uri, async (url) => (await client.fetch(url)).body));
  }
}

const [row = "", root = ".", engine] = serverArguments();

const routes: Record<string, readonly Route[]> = {
  fixed: [["/", Hello]],
  route100: Array.from({ length: ROUTES }, (_, i): Route => [`/r${i}/:id`, Item]),
  async: [["/", Waiting]],
  json: [["/", Json]],
  etag304: [["/", Page]],
  template: [["/", Products]],
  form: [["/", Form]],
  signed: [["/", Known], ["/login", Login]],
  echo: [["/", Echo]],
  room: [["/", Room]],
  "room history": [["/", Room]],
  client: [["/", Client]],
};

const settings: Record<string, ApplicationSettings> = {
  static: { staticPath: root },
  signed: { cookieSecret: COOKIE_SECRET },
  "room history": { topics: { room: { history: 100 } } },
  template: {
    templateLoader: new DictLoader({ "products.html": PRODUCTS_TEMPLATE }, { whitespace: "all" }),
  },
};

const app = new Application(routes[row] ?? [], settings[row] ?? {});
const server = app.listen(0, {
  hostname: "127.0.0.1",
  ...engine === "node" && { engine },
});
console.log(server.port);
