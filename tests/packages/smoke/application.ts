/**
 * One application with something of each feature, for every runtime that the package runs on. It uses
 * the package as its users do: nothing of a runtime, and no file but those that its settings name.
 */
import {
  Application,
  type ApplicationSettings,
  AsyncHTTPClient,
  type BaseLoader,
  DictLoader,
  EventStreamHandler,
  hashPassword,
  Loader,
  PrecompiledLoader,
  type RedisCommands,
  RedisSessionStore,
  RequestHandler,
  type Route,
  SessionMixin,
  type TemplateCode,
  TopicHandler,
  TopicStreamHandler,
  verifyPassword,
  type WebSocketClientConnection,
  websocketConnect,
  type WebSocketConnectOptions,
  WebSocketHandler,
} from "@gustnado/gustnado";
import { receiveUploads } from "@gustnado/gustnado/uploads";

/** What a runtime gives the application. */
export interface SmokePlace {
  /** A folder with `static/` and `templates/`; none where there are no files. */
  readonly folder?: string;
  /** A client of Redis, for sessions. */
  readonly redis?: RedisCommands;
  /** Templates that are compiled already. */
  readonly compiled?: Readonly<Record<string, TemplateCode>>;
  /** Settings that are other ones there. */
  readonly settings?: ApplicationSettings;
}

/** The application. */
class SmokeApplication extends Application {
  readonly place: SmokePlace;

  constructor(routes: readonly Route[], place: SmokePlace) {
    super(routes, {
      cookieSecret: "a secret of more than thirty-two bytes",
      xsrfCookies: true,
      compressResponse: true,
      ...place.redis !== undefined && { session: { store: new RedisSessionStore(place.redis) } },
      topics: { "news": { history: 10 } },
      ...place.folder !== undefined && { staticPath: `${place.folder}/static` },
      ...place.settings,
    });
    this.place = place;
  }

  /** Where uploads go. */
  get uploads(): string {
    return `${this.place.folder}/uploads`;
  }

  /** A loader of templates: of texts in the program, of files, or of what is compiled already. */
  loader(kind: string): BaseLoader {
    const { folder, compiled = {} } = this.place;
    if (kind === "compiled") return new PrecompiledLoader(compiled);
    if (kind === "file") return new Loader(`${folder}/templates`);
    return new DictLoader({ "page.html": "<p>{{ name }}</p>" });
  }
}

/** A handler whose forms need no token. */
abstract class Open extends RequestHandler<SmokeApplication> {
  override checkXsrfCookie() {}
}

class Hello extends RequestHandler {
  override get(name: string) {
    this.write({ hello: name });
  }
}

class Failing extends RequestHandler {
  override get() {
    throw new RangeError("as it was asked for");
  }
}

class Form extends Open {
  override post() {
    this.write({
      name: this.getBodyArgument("name"),
      all: this.getBodyArguments("tag"),
    });
  }
}

class Upload extends Open {
  override post() {
    const [file] = this.request.files.photo ?? [];
    this.write({
      name: file?.filename,
      type: file?.contentType,
      size: file?.body.length,
    });
  }
}

class LargeUpload extends Open {
  static override readonly streamRequestBody = true;

  override async put() {
    let size = 0;
    for await (const chunk of this.request.stream) size += chunk.length;
    this.write({ size });
  }

  override async post() {
    const { files } = await receiveUploads(this, {
      directory: this.application.uploads,
    });
    this.write({ sizes: files.map(({ size }) => size) });
  }
}

class Pieces extends RequestHandler {
  override async get() {
    for (const piece of ["one ", "two ", "three"]) {
      this.write(piece);
      await this.flush();
    }
  }
}

class Page extends Open {
  override get(kind: string) {
    const name = this.getQueryArgument("name");
    this.write(
      String(
        this.application.loader(kind).load("page.html").generate({ name }),
      ),
    );
  }
}

class SignedCookie extends Open {
  override get() {
    this.write(this.getSignedCookie("user") ?? "nobody");
  }
  override post() {
    this.setSignedCookie("user", this.getBodyArgument("user"));
  }
}

class Visits extends SessionMixin(RequestHandler) {
  override get() {
    const visits = Number(this.session.get("visits") ?? 0) + 1;
    this.session.set("visits", visits);
    this.write(`visit ${visits}`);
  }
}

class Guarded extends RequestHandler {
  override get() {
    this.write(this.xsrfToken);
  }
  override post() {
    this.write("let in");
  }
}

class Password extends RequestHandler {
  override async get(password: string) {
    const hash = await hashPassword("gust");
    this.write({ right: await verifyPassword(password, hash) });
  }
}

class Large extends RequestHandler {
  override get() {
    this.write("gust ".repeat(4_000));
  }
}

class Events extends EventStreamHandler {
  override async open() {
    await this.send({ event: "wind", data: "north", id: "1" });
    await this.send({ event: "wind", data: "south", id: "2" });
  }
}

class Echo extends WebSocketHandler {
  override selectSubprotocol(offered: readonly string[]) {
    return offered.includes("gust") ? "gust" : null;
  }
  override onMessage(message: string | Uint8Array) {
    if (message === "bye") return this.close(4001, "as you wish");
    return this.writeMessage(message);
  }
}

class Packed extends Echo {
  override getCompressionOptions() {
    return {};
  }
}

class Topics extends TopicHandler {
  override canSubscribe() {
    return true;
  }
  override canPublish() {
    return true;
  }
}

class TopicStream extends TopicStreamHandler {
  override canSubscribe() {
    return true;
  }
}

class Fetch extends RequestHandler {
  override async get() {
    const { code, body } = await new AsyncHTTPClient().fetch(
      this.getQueryArgument("url"),
    );
    this.write({ code, text: new TextDecoder().decode(body) });
  }
}

/** What a client of WebSockets is told to do. */
interface SocketScript {
  readonly url: string;
  readonly options?: WebSocketConnectOptions;
  /** Texts to send. */
  readonly send?: readonly string[];
  /** Bytes to send after them, again and again, a MiB each, until that has to wait. */
  readonly flood?: boolean;
  /** Milliseconds before the first message is read. */
  readonly unread?: number;
  /** How many messages are read; all up to the end unless given. */
  readonly read?: number;
}

class SocketClient extends Open {
  override async post() {
    const script = this.request.json() as SocketScript;
    const { url, options, send = [], flood, unread = 0, read = Infinity } = script;
    try {
      const connection = await websocketConnect(url, options);
      for (const text of send) connection.writeMessage(text);
      const waits = flood === true && await untilItWaits(connection);
      await new Promise((resolve) => setTimeout(resolve, unread));
      const messages: unknown[] = [];
      while (messages.length < read) {
        const message = await connection.readMessage();
        if (message === null) break;
        messages.push(typeof message === "string" ? message : [...message]);
      }
      if (messages.length === read) connection.close(4000, "enough");
      await connection.closed;
      const { closeCode, closeReason, selectedSubprotocol } = connection;
      this.write({ messages, closeCode, closeReason, selectedSubprotocol, waits });
    } catch (error) {
      this.write({ error: String(error) });
    }
  }
}

async function untilItWaits(connection: WebSocketClientConnection): Promise<boolean> {
  for (let i = 0; i < 64; i++) {
    let settled = false;
    const writing = connection.writeMessage(new Uint8Array(1_048_576));
    writing.then(() => settled = true, () => settled = true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!settled) return true;
  }
  return false;
}

const ROUTES: readonly Route[] = [
  ["/hello/:name", Hello],
  ["/failing", Failing],
  ["/form", Form],
  ["/upload", Upload],
  ["/upload/large", LargeUpload],
  ["/pieces", Pieces],
  ["/page/:kind", Page],
  ["/cookie", SignedCookie],
  ["/visits", Visits],
  ["/guarded", Guarded],
  ["/password/:password", Password],
  ["/large", Large],
  ["/events", Events],
  ["/echo", Echo],
  ["/packed", Packed],
  ["/topics", Topics],
  ["/topics/stream/:topic", TopicStream],
  ["/fetch", Fetch],
  ["/client", SocketClient],
];

/** Makes the application. */
export function smokeApplication(place: SmokePlace = {}): Application {
  return new SmokeApplication(ROUTES, place);
}
