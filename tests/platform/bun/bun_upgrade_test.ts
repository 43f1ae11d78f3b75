import { assert, assertEquals, assertThrows } from "@std/assert";
import { bunPlatform } from "../../../src/platform/bun/bun_platform.ts";
import { BunWebSocket } from "../../../src/platform/bun/bun_web_socket.ts";
import { SilenceWatch } from "../../../src/platform/bun/silence_watch.ts";
import type { BunWebSocketHooks, ConnectionInfo } from "../../../src/platform/platform.ts";
import { Application } from "../../../src/web/application.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { Journal } from "../../support/journal.ts";
import { poll } from "../../support/poll.ts";

/** The other end of a WebSocket, as Bun would have it. */
class FakeLink {
  readonly sent: unknown[] = [];
  buffered = 0;
  binaryType = "nodebuffer";
  readonly data: unknown;
  readonly #hooks: BunWebSocketHooks;

  constructor(data: unknown, hooks: BunWebSocketHooks) {
    this.data = data;
    this.#hooks = hooks;
  }

  send(message: unknown): number {
    return this.sent.push(message);
  }

  ping(): number {
    return this.sent.push("ping");
  }

  getBufferedAmount(): number {
    return this.buffered;
  }

  close(code = 1005, reason = ""): void {
    this.sent.push(`close ${code}`);
    this.#hooks.close(this, code, reason);
  }

  terminate(): void {
    this.sent.push("terminated");
    this.#hooks.close(this, 1006, "");
  }
}

/** A server of Bun's that has one connection at a time. */
class FakeServer implements ConnectionInfo {
  readonly address = { address: "::", port: 8888 };
  readonly hooks: BunWebSocketHooks;
  readonly #stays: boolean;
  link: FakeLink | undefined;
  /** What it sees of the request. */
  offered: (string | null)[] = [];

  constructor(hooks: BunWebSocketHooks | undefined, { stays = true } = {}) {
    assert(hooks !== undefined);
    this.hooks = hooks;
    this.#stays = stays;
  }

  requestIP = () => ({ address: "::ffff:192.0.2.1", port: 1234 });
  timeout(): void {}

  upgrade({ headers }: Request, { data }: { data: unknown }): boolean {
    this.offered = ["sec-websocket-protocol", "sec-websocket-extensions"]
      .map((name) => headers.get(name));
    if (!this.#stays) return false;
    this.link = new FakeLink(data, this.hooks);
    this.hooks.open(this.link);
    return true;
  }
}

function handshake(): Request {
  return new Request("http://localhost/", {
    headers: {
      "host": "localhost",
      "upgrade": "websocket",
      "connection": "Upgrade",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
      "sec-websocket-protocol": "one, two",
      "sec-websocket-extensions": "permessage-deflate",
    },
  });
}

function application(journal: Journal<unknown>): Application {
  class Chat extends WebSocketHandler {
    override open() {
      journal.add(`open ${this.request.remoteIp} ${this.request.header("sec-websocket-protocol")}`);
    }
    override onMessage(message: string | Uint8Array) {
      journal.add(message);
      if (message === "close") this.close(4000, "as told");
      else this.writeMessage(message);
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  return new Application([["/", Chat]], { platform: bunPlatform() });
}

Deno.test("server of Bun sees nothing that was not agreed to, the handler all", async () => {
  const journal = new Journal<unknown>();
  const app = application(journal);
  const server = new FakeServer(app.websocket);
  assertEquals(await app.fetch(handshake(), server), undefined as unknown as Response);
  assertEquals(server.offered, [null, null]);
  assertEquals(journal.entries, ["open 192.0.2.1 one, two"]);
  server.link?.terminate();
});

Deno.test("binary message of Bun is bytes, and a close of ours is told after it", async () => {
  const journal = new Journal<unknown>();
  const app = application(journal);
  const server = new FakeServer(app.websocket);
  await app.fetch(handshake(), server);
  const { link, hooks } = server;
  assert(link !== undefined);
  assertEquals(link.binaryType, "uint8array");
  hooks.message(link, new Uint8Array([1, 2]));
  hooks.message(link, "close");
  assertEquals(link.sent, [new Uint8Array([1, 2]), "close 4000"]);
  assertEquals(journal.entries.slice(1), [new Uint8Array([1, 2]), "close"]);
  assertEquals((await journal.until(4)).at(-1), "close 4000");
});

Deno.test("close on Bun waits for what is unsent", async () => {
  const journal = new Journal<unknown>();
  const app = application(journal);
  const server = new FakeServer(app.websocket);
  await app.fetch(handshake(), server);
  const { link, hooks } = server;
  assert(link !== undefined);
  link.buffered = 1;
  hooks.message(link, "close");
  hooks.drain(link);
  assertEquals(link.sent, []);
  link.buffered = 0;
  hooks.drain(link);
  assertEquals(link.sent, ["close 4000"]);
  await journal.until(3);
});

Deno.test("client that leaves before an upgrade on Bun is told to onClose once", async () => {
  const journal = new Journal<unknown>();
  const app = application(journal);
  const server = new FakeServer(app.websocket, { stays: false });
  const response = await app.fetch(handshake(), server);
  assertEquals(response.status, 400);
  assertEquals(journal.entries, ["close 1006"]);
});

Deno.test("WebSocket of a program's own is not taken for one of ours", () => {
  const hooks = bunPlatform().webSocketHooks?.(1_000);
  assert(hooks !== undefined);
  const link = new FakeLink({ own: true }, hooks);
  hooks.open(link);
  hooks.message(link, "text");
  assertEquals(link.sent, ["terminated"]);
});

Deno.test("codes that Bun closes with are told apart", () => {
  const reported: unknown[] = [];
  for (
    const [code, reason] of [
      [1006, "Received too big message"],
      [1006, "Received invalid UTF-8"],
      [1006, "Received an incorrectly masked frame"],
      [1006, ""],
      [1005, ""],
      [3000, "bye"],
    ] as const
  ) {
    const socket = new BunWebSocket({ idleTimeout: 0, compress: false });
    const listener = { handleEvent: (event: Event) => reported.push((event as CloseEvent).code) };
    socket.addEventListener("close", listener);
    assertThrows(() => socket.addEventListener("open", { handleEvent() {} }), TypeError);
    socket.closed(code, reason);
    socket.closed(code, reason);
  }
  assertEquals(reported, [1009, 1007, 1002, 1006, 1005, 3000]);
});

Deno.test("who is silent is pinged once and then dropped, who answers is kept", async () => {
  const watch = new SilenceWatch(80);
  const events: string[] = [];
  const silent = {
    silence: 0,
    ping: () => void events.push("ping"),
    terminate() {
      events.push("dropped");
      watch.delete(this);
    },
  };
  const answering = {
    silence: 0,
    ping() {
      this.silence = 0;
    },
    terminate: () => void events.push("answering was dropped"),
  };
  watch.add(silent);
  watch.add(answering);
  assert(await poll(() => events.length === 2));
  assertEquals(events, ["ping", "dropped"]);
  watch.delete(answering);
});
