/** What a WebSocket of a test has in common with one over a port. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HTTPClientError } from "../../src/client/client_error.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { WebSocketClosedError } from "../../src/websocket/web_socket_error.ts";
import { captureLogs, expectLog } from "../../src/testing/log_capture.ts";
import { everywhere } from "../support/everywhere.ts";
import { poll } from "../support/poll.ts";

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array): void {
    this.writeMessage(message);
  }
}

function serving(handler: HandlerClass, settings: ApplicationSettings = {}): () => Application {
  return () => new Application([["/ws/:name", handler], ["/ws", handler]], settings);
}

everywhere(
  "text, bytes and objects arrive as they were sent, in order",
  serving(Echo),
  async (t) => {
    const socket = await t.websocket("/ws");
    socket.writeMessage("wind");
    socket.writeMessage(new Uint8Array([0, 255]));
    socket.writeMessage({ gust: 1 });
    socket.writeMessage("");
    assertEquals(await socket.readMessage(), "wind");
    assertEquals(await socket.readMessage(), new Uint8Array([0, 255]));
    assertEquals(await socket.readJSON(), { gust: 1 });
    assertEquals(await socket.readMessage(), "");
  },
);

everywhere("a lone surrogate arrives as U+FFFD", serving(Echo), async (t) => {
  const socket = await t.websocket("/ws");
  socket.writeMessage("a\ud800b");
  assertEquals(await socket.readMessage(), "a\ufffdb");
});

everywhere(
  "bytes that change after they were sent arrive as they were",
  serving(Echo),
  async (t) => {
    const socket = await t.websocket("/ws");
    const bytes = new Uint8Array([1, 2, 3]);
    socket.writeMessage(bytes);
    bytes.fill(9);
    assertEquals(await socket.readMessage(), new Uint8Array([1, 2, 3]));
  },
);

everywhere("a thousand messages arrive in their order", serving(Echo), async (t) => {
  const socket = await t.websocket("/ws", { inboxMessages: 2_000 });
  for (let i = 0; i < 1_000; i++) socket.writeMessage(`${i}`);
  for (let i = 0; i < 1_000; i++) assertEquals(await socket.readMessage(), `${i}`);
});

everywhere(
  "what is sent in open() is the first that arrives",
  serving(
    class extends Echo {
      override open(name: string): void {
        this.writeMessage(`hello ${name}`);
      }
    },
  ),
  async (t) => {
    const socket = await t.websocket("/ws/ada");
    socket.writeMessage("second");
    assertEquals(await socket.readMessage(), "hello ada");
    assertEquals(await socket.readMessage(), "second");
  },
);

everywhere(
  "the next message waits for the promise of onMessage()",
  serving(
    class extends WebSocketHandler {
      #busy = false;

      override async onMessage(message: string): Promise<void> {
        const overlaps = this.#busy;
        this.#busy = true;
        await new Promise((resolve) => setTimeout(resolve, 2));
        this.#busy = false;
        this.writeMessage(`${message} ${overlaps}`);
      }
    },
  ),
  async (t) => {
    const socket = await t.websocket("/ws");
    for (const text of ["a", "b", "c"]) socket.writeMessage(text);
    const heard = [
      await socket.readMessage(),
      await socket.readMessage(),
      await socket.readMessage(),
    ];
    assertEquals(heard, ["a false", "b false", "c false"]);
  },
);

class Ending extends WebSocketHandler {
  static ends: [number | null, string | null][] = [];

  override onMessage(message: string): void {
    if (message === "close") this.close(4001, "enough");
    else this.writeMessage(message);
  }

  override onClose(): void {
    Ending.ends.push([this.closeCode, this.closeReason]);
  }
}

everywhere("a code and a reason of the client reach the server", serving(Ending), async (t) => {
  Ending.ends = [];
  const socket = await t.websocket("/ws");
  socket.close(4242, "bye");
  await socket.closed;
  assert(await poll(() => Ending.ends.length > 0));
  assertEquals(Ending.ends, [[4242, "bye"]]);
  assertEquals([socket.closeCode, socket.closeReason], [4242, "bye"]);
});

everywhere("a code and a reason of the server reach the client", serving(Ending), async (t) => {
  Ending.ends = [];
  const socket = await t.websocket("/ws");
  socket.writeMessage("last");
  socket.writeMessage("close");
  assertEquals(await socket.readMessage(), "last");
  assertEquals(await socket.readMessage(), null);
  assertEquals([socket.closeCode, socket.closeReason], [4001, "enough"]);
  assert(await poll(() => Ending.ends.length > 0));
  assertEquals(Ending.ends, [[4001, "enough"]]);
});

everywhere("close() without a code is 1000 on both sides", serving(Ending), async (t) => {
  Ending.ends = [];
  const socket = await t.websocket("/ws");
  socket.close();
  await socket.closed;
  assert(await poll(() => Ending.ends.length > 0));
  assertEquals(Ending.ends, [[1000, null]]);
  assertEquals([socket.closeCode, socket.closeReason], [1000, null]);
});

everywhere("writing to a connection that was closed rejects", serving(Echo), async (t) => {
  const socket = await t.websocket("/ws");
  socket.close();
  await socket.closed;
  assertEquals(socket.isOpen, false);
  await assertRejects(() => socket.writeMessage("late"), WebSocketClosedError);
});

everywhere(
  "a message above websocketMaxMessageSize closes with 1009",
  serving(Echo, { websocketMaxMessageSize: 10 }),
  async (t) => {
    const socket = await t.websocket("/ws");
    socket.writeMessage("ten bytes!");
    assertEquals(await socket.readMessage(), "ten bytes!");
    socket.writeMessage("eleven byte");
    assertEquals(await socket.readMessage(), null);
    assertEquals([socket.closeCode, socket.closeReason], [1009, "Message is too big"]);
  },
);

everywhere(
  "a message above the client's maxMessageSize closes with 1009",
  serving(Echo),
  async (t) => {
    const socket = await t.websocket("/ws", { maxMessageSize: 3 });
    socket.writeMessage("four");
    assertEquals(await socket.readMessage(), null);
    assertEquals(socket.closeCode, 1009);
  },
);

class Busy extends WebSocketHandler {
  static readonly ends: (number | null)[] = [];
  readonly #left = Promise.withResolvers<void>();

  override onMessage(): Promise<void> {
    return this.#left.promise;
  }

  override onClose(): void {
    Busy.ends.push(this.closeCode);
  }

  override onFinish(): void {
    Busy.free = () => this.#left.resolve();
  }

  static free: () => void = () => {};
}

everywhere(
  "a client that overruns the inbox is closed with 1008",
  serving(Busy, { websocketInboxMessages: 2 }),
  async (t) => {
    Busy.ends.length = 0;
    const socket = await t.websocket("/ws");
    for (let i = 0; i < 8; i++) socket.writeMessage(`${i}`);
    await socket.closed;
    Busy.free();
    assert(await poll(() => Busy.ends.length > 0));
    assertEquals(Busy.ends, [1008]);
  },
);

everywhere(
  "an exception in a hook closes with 1011, and is logged",
  serving(
    class extends WebSocketHandler {
      override onMessage(): void {
        throw new RangeError("Too windy");
      }
    },
  ),
  async (t) => {
    await expectLog({ level: "error", pattern: /RangeError: Too windy/ }, async () => {
      const socket = await t.websocket("/ws");
      socket.writeMessage("x");
      await socket.closed;
      assertEquals(socket.closeCode, 1011);
    });
  },
);

// ---- the handshake

everywhere(
  "the subprotocol that the server selects is the client's",
  serving(
    class extends Echo {
      override selectSubprotocol(offered: string[]): string | null {
        return offered.find((each) => each === "b") ?? null;
      }
    },
  ),
  async (t) => {
    assertEquals((await t.websocket("/ws", { protocols: ["a", "b"] })).selectedSubprotocol, "b");
    assertEquals((await t.websocket("/ws", { protocols: ["a"] })).selectedSubprotocol, null);
    assertEquals((await t.websocket("/ws")).selectedSubprotocol, null);
  },
);

everywhere("a page of another origin is refused with 403", serving(Echo), async (t) => {
  using _logs = captureLogs({ strict: false });
  const error = await assertRejects(
    () => t.websocket("/ws", { origin: "https://evil.example" }),
    HTTPClientError,
  );
  assertEquals(error.code, 403);
  const socket = await t.websocket("/ws", { origin: t.origin });
  assert(socket.isOpen);
});

everywhere(
  "what prepare() refuses with is the error's code",
  serving(
    class extends Echo {
      override prepare(): void {
        if (this.getQueryArgument("key", null) !== "sesame") throw new HTTPError(401);
      }
    },
  ),
  async (t) => {
    const error = await assertRejects(() => t.websocket("/ws"), HTTPClientError);
    assertEquals(error.code, 401);
    assert((await t.websocket("/ws?key=sesame")).isOpen);
  },
);

everywhere("no route is a 404", serving(Echo), async (t) => {
  const error = await assertRejects(() => t.websocket("/elsewhere"), HTTPClientError);
  assertEquals(error.code, 404);
});

everywhere(
  "cookies, the query and header fields reach the handshake",
  serving(
    class extends WebSocketHandler {
      override open(): void {
        this.writeMessage([
          this.getCookie("theme"),
          this.getQueryArgument("q"),
          this.request.header("x-wind"),
        ]);
      }
    },
  ),
  async (t) => {
    t.cookies.set("theme", "dark");
    const socket = await t.websocket("/ws?q=%C3%A9", { headers: { "X-Wind": "gust" } });
    assertEquals(await socket.readJSON(), ["dark", "é", "gust"]);
  },
);

everywhere(
  "middleware stands around the handshake",
  serving(Echo, {
    middleware: [
      (request, next) =>
        request.headers.get("x-key") === "sesame" ? next() : new Response("no", { status: 402 }),
    ],
  }),
  async (t) => {
    const error = await assertRejects(() => t.websocket("/ws"), HTTPClientError);
    assertEquals(error.code, 402);
    assert((await t.websocket("/ws", { headers: { "X-Key": "sesame" } })).isOpen);
  },
);

// ---- topics

class Room extends WebSocketHandler {
  override open(room: string): void {
    this.subscribe(room);
    this.writeMessage("in");
  }

  override onMessage(message: string): void {
    this.publish(String(this.pathArgs[0]), message);
  }
}

everywhere(
  "a publication reaches all others of the topic, and none else",
  serving(Room),
  async (t, app) => {
    const [ada, grace, other] = await Promise.all(
      ["a", "a", "b"].map((room) => t.websocket(`/ws/${room}`)),
    );
    assert(ada && grace && other);
    for (const each of [ada, grace, other]) assertEquals(await each.readMessage(), "in");
    assertEquals(app.subscribers("a"), 2);
    ada.writeMessage("hello");
    assertEquals(await grace.readMessage(), "hello");
    app.publish("a", { all: true });
    assertEquals(await ada.readJSON(), { all: true });
    app.publish("b", "other");
    assertEquals(await other.readMessage(), "other");
  },
);

everywhere("a connection that is closed leaves its topics", serving(Room), async (t, app) => {
  const socket = await t.websocket("/ws/a");
  assertEquals(await socket.readMessage(), "in");
  assertEquals(app.subscribers("a"), 1);
  socket.close();
  assert(await poll(() => app.subscribers("a") === 0));
});

// ---- the end

everywhere("a server that shuts down closes with 1001", serving(Echo), async (t) => {
  const socket = await t.websocket("/ws");
  await t.server.shutdown();
  await socket.closed;
  assertEquals([socket.closeCode, socket.closeReason], [1001, "Server is shutting down"]);
});

const heard: (string | Uint8Array)[] = [];

everywhere(
  "what a client sent before it left is delivered",
  serving(
    class extends WebSocketHandler {
      override async onMessage(message: string | Uint8Array): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 1));
        heard.push(message);
      }

      override onClose(): void {
        heard.push("end");
      }
    },
  ),
  async (t) => {
    heard.length = 0;
    const socket = await t.websocket("/ws");
    for (const text of ["a", "b", "c"]) socket.writeMessage(text);
    socket.close();
    assert(await poll(() => heard.includes("end")));
    assertEquals(heard, ["a", "b", "c", "end"]);
  },
);
