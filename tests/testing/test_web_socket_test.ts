/** What only a WebSocket without a port can do: hang, and vanish. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { fakeTime } from "../../src/testing/fake_time.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { poll } from "../support/poll.ts";

/** An application of one handler, and what became of its connections. */
class Site extends Application {
  readonly ends: (number | null)[] = [];
  socket: WebSocketHandler | undefined;

  constructor(settings: ApplicationSettings = {}) {
    super([["/ws", Kept], ["/", Kept]], settings);
  }
}

class Kept extends WebSocketHandler<Site> {
  override open(): void {
    this.application.socket = this;
    this.subscribe("news");
  }

  override onMessage(): void {}

  override onClose(): void {
    this.application.ends.push(this.closeCode);
  }
}

Deno.test("a client that vanishes is 1006", async () => {
  const app = new Site();
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await poll(() => app.socket !== undefined);
  socket.drop();
  assertEquals(socket.closeCode, 1006);
  assert(await poll(() => app.ends.length > 0));
  assertEquals(app.ends, [1006]);
  const options = { origin: 1 } as object;
  await assertRejects(() => t.websocket("/ws", options), TypeError, '"origin"');
  await assertRejects(
    () => t.websocket("/ws", { protocol: "a" } as object),
    TypeError,
    "protocols",
  );
});

Deno.test("a writer waits while its peer does not read", async () => {
  const app = new Site({ websocketHighWaterMark: 10 });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await poll(() => app.socket !== undefined);
  socket.pause();
  let isWritten = false;
  app.socket?.writeMessage("0123456789");
  const written = app.socket?.writeMessage("more").then(() => isWritten = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(isWritten, false);
  socket.resume();
  await written;
  assertEquals([await socket.readMessage(), await socket.readMessage()], ["0123456789", "more"]);
});

Deno.test("a peer that is too slow is closed with 1008", async () => {
  const app = new Site({ websocketHighWaterMark: 10, websocketMaxBufferedBytes: 100 });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await poll(() => app.subscribers("news") === 1);
  socket.pause();
  for (let i = 0; i < 20; i++) app.publish("news", "0123456789");
  assertEquals(app.subscribers("news"), 0);
  socket.resume();
  await socket.closed;
  assertEquals([socket.closeCode, socket.closeReason], [1008, "Reads too slowly"]);
});

Deno.test("a slow peer misses messages where the application says so", async () => {
  const settings = { websocketHighWaterMark: 10, websocketMaxBufferedBytes: 20 };
  const app = new Site({ ...settings, websocketOnSlow: "drop" });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await poll(() => app.subscribers("news") === 1);
  socket.pause();
  for (let i = 0; i < 9; i++) app.publish("news", `message ${i}`);
  socket.resume();
  assertEquals(await socket.readMessage(), "message 0");
  assertEquals(await socket.readMessage(), "message 1");
  await new Promise((resolve) => setTimeout(resolve, 5));
  app.publish("news", "last");
  const rest: unknown[] = [];
  while (rest.at(-1) !== "last") rest.push(await socket.readMessage());
  assert(rest.length < 8, `${rest}`);
});

Deno.test("a peer that answers no ping is dropped when its time is over", async () => {
  using time = fakeTime();
  const app = new Site({ websocketPingInterval: 30_000, websocketPingTimeout: 20_000 });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await time.tick(1_000);
  socket.pause();
  await time.tick(49_000);
  assertEquals(app.ends, []);
  await time.tick(1_000);
  assertEquals(app.ends.length, 1);
});

Deno.test("a peer that reads again in time stays", async () => {
  using time = fakeTime();
  const app = new Site({ websocketPingInterval: 30_000 });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  socket.pause();
  await time.tick(59_000);
  socket.resume();
  await time.tick(600_000);
  assertEquals([app.ends, socket.isOpen], [[], true]);
});

Deno.test("a close that the peer does not answer is given up in time", async () => {
  using time = fakeTime();
  const app = new Site({ websocketCloseTimeout: 5_000, websocketPingInterval: 0 });
  await using t = testServer(app);
  const socket = await t.websocket("/ws");
  await time.tick(0);
  socket.pause();
  app.socket?.close(4000);
  await time.tick(4_999);
  assertEquals(app.ends, []);
  await time.tick(1);
  assertEquals(app.ends, [1006]);
});

Deno.test("a connection that is lost is opened again", async () => {
  const app = new Site();
  await using t = testServer(app);
  const back = Promise.withResolvers<void>();
  const socket = await t.websocket("/ws", {
    reconnect: { minDelay: 1 },
    onReconnect: () => back.resolve(),
  });
  await poll(() => app.socket !== undefined);
  socket.drop();
  await back.promise;
  assertEquals(socket.isOpen, true);
});

Deno.test("cookies that the handshake sets are kept", async () => {
  class Setting extends Kept {
    override prepare(): void {
      this.setCookie("seat", "7");
    }
  }
  await using t = testServer(new Application([["/ws", Setting]]));
  await t.websocket("/ws");
  assertEquals(t.cookies.get("seat"), "7");
});

Deno.test("the address of the client is the test's", async () => {
  class Address extends WebSocketHandler {
    override open(): void {
      this.writeMessage(this.request.remoteIp);
    }
  }
  await using t = testServer(new Application([["/ws", Address]]));
  const socket = await t.websocket("/ws", { remoteIp: "203.0.113.7" });
  assertEquals(await socket.readMessage(), "203.0.113.7");
});

Deno.test("a mounted application takes WebSockets as well", async () => {
  class Mounted extends WebSocketHandler {
    override onMessage(message: string): void {
      this.writeMessage(`mounted ${message}`);
    }
  }
  const mounted = new Application([["/sub/ws", Mounted]]);
  await using t = testServer(new Application([["/sub/*", mounted]]));
  const socket = await t.websocket("/sub/ws");
  socket.writeMessage("a");
  assertEquals(await socket.readMessage(), "mounted a");
});

Deno.test("a handshake by a plain request is an error that names the way", async () => {
  await using t = testServer(new Site());
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  await assertRejects(() => t.get("/ws", { headers }), Error, "use websocket()");
  assertEquals((t.app as Site).ends, [1006]);
});

Deno.test("over a socket, nothing hangs and vanishes", async () => {
  await using t = testServer(new Site(), { socket: true });
  const socket = await t.websocket("/ws");
  for (const action of ["pause", "resume", "drop"] as const) {
    assertThrows(() => socket[action](), Error, `${action}() a WebSocket over a socket`);
  }
});

Deno.test("a message that is none says how the connection ended", async () => {
  class Closing extends WebSocketHandler {
    override open(): void {
      this.close(4003, "full");
    }
  }
  await using t = testServer(new Application([["/ws", Closing], ["/", RequestHandler]]));
  const socket = await t.websocket("/ws");
  await assertRejects(() => socket.readJSON(), Error, "closed with 4003, full");
});
