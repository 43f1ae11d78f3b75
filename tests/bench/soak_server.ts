/** The application that `soak.ts` wears out. Prints its port; it is asked for its memory by HTTP. */
import { configureSync } from "@logtape/logtape";
import {
  Application,
  DictLoader,
  EventStreamHandler,
  HTTPError,
  RequestHandler,
  type Session,
  SessionMixin,
  WebSocketHandler,
} from "../../mod.ts";

/** What the server tells of itself. */
export interface SoakState {
  /** Bytes of memory that the process holds. */
  readonly rss: number;
  /** Bytes of the heap that are in use, after a collection. */
  readonly heap: number;
  /** WebSockets whose `onClose` has not run. */
  readonly open: number;
}

const MESSAGE = new Uint8Array(64 * 1024);

let open = 0;

class Fixed extends RequestHandler {
  override get() {
    this.write("Hello, world");
  }
}

class Json extends RequestHandler {
  override get() {
    this.write({ entries: Array.from({ length: 20 }, (_, id) => ({ id, text: `entry ${id}` })) });
  }
}

class Page extends RequestHandler {
  override get() {
    this.render("page.html", { title: this.getArgument("title", "<soak>"), lines: [1, 2, 3] });
  }
}

class Visits extends SessionMixin(RequestHandler) {
  declare readonly session: Session<{ visits: number }>;

  override get() {
    const visits = (this.session.get("visits") ?? 0) + 1;
    this.session.set("visits", visits);
    this.write(`visit ${visits}`);
  }
}

class Broken extends RequestHandler {
  override get() {
    throw new Error("broken");
  }
}

class Forbidden extends RequestHandler {
  override async get() {
    await Promise.resolve();
    throw new HTTPError(403);
  }
}

class Upload extends RequestHandler {
  override post() {
    const [file] = this.request.files["file"] ?? [];
    this.write({ bytes: file?.body.length ?? 0, name: this.getBodyArgument("name") });
  }
}

class Events extends EventStreamHandler {
  override async open() {
    for (let id = 0; id < 3; id++) await this.send({ data: { id } });
    this.close();
  }
}

/** Echoes, and listens to the topic that the query names. */
class Socket extends WebSocketHandler {
  override open() {
    open++;
    this.subscribe(this.getArgument("topic"));
  }

  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }

  override onClose() {
    open--;
  }
}

/** Publishes a number of messages, so that whoever never reads is too slow. */
class Publish extends RequestHandler {
  override async post(topic: string) {
    for (let left = Number(this.getArgument("messages")); left > 0; left--) {
      this.application.publish(topic, MESSAGE);
      if (left % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

class State extends RequestHandler {
  override async get() {
    // Twice: what a finalizer lets go of is collected by the second.
    for (let time = 0; time < 2; time++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { rss, heapUsed: heap } = Deno.memoryUsage();
    const state: SoakState = { rss, heap, open };
    this.write({ ...state });
  }
}

function collectGarbage(): void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect !== "function") throw new Error("Cannot collect: run with --expose-gc");
  collect();
}

const application = new Application([
  ["/", Fixed],
  ["/json", Json],
  ["/page", Page],
  ["/visits", Visits],
  ["/broken", Broken],
  ["/forbidden", Forbidden],
  ["/upload", Upload],
  ["/events", Events],
  ["/socket", Socket],
  ["/publish/:topic", Publish],
  ["/state", State],
], {
  cookieSecret: "soaked",
  staticPath: new URL("../../examples/chat/static", import.meta.url).pathname,
  templateLoader: new DictLoader({
    "page.html": "<title>{{ title }}</title>{% for line in lines %}<p>{{ line }}</p>{% end %}",
  }),
  websocketCloseTimeout: 1_000,
});

if (import.meta.main) {
  // Lines are made, as they are elsewhere, and go nowhere.
  configureSync({
    sinks: { nowhere: ({ message }) => void message },
    loggers: [
      { category: "gustnado", sinks: ["nowhere"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: ["nowhere"], lowestLevel: "warning" },
    ],
  });
  console.log(application.listen(0, { hostname: "0.0.0.0", graceMs: 1_000 }).port);
}
