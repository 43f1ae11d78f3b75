import { assert, assertEquals } from "@std/assert";
import { Application, partsOf } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { fakeClock } from "../support/fake_clock.ts";
import { FakeServer } from "../support/fake_web_socket.ts";
import { Journal } from "../support/journal.ts";
import { poll } from "../support/poll.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

/** Every hook with a pause in it, and what was called. */
function recorder(journal: Journal, pause: () => Promise<void>): Application {
  class Recorder extends WebSocketHandler {
    override async prepare() {
      journal.add("prepare");
      await pause();
    }
    override async open() {
      this.subscribe("all");
      journal.add("open");
      await pause();
    }
    override async onMessage(message: string | Uint8Array) {
      journal.add(`message ${message}`);
      await pause();
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
    override onFinish() {
      journal.add("finish");
    }
  }
  return new Application([["/", Recorder]]);
}

const HANDSHAKE = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/** Each is called once at most, and the application keeps nothing of the connection. */
async function assertOver(app: Application, journal: Journal): Promise<void> {
  assert(await poll(() => partsOf(app).topics?.size === 0));
  const counted = journal.entries.filter((entry) => entry === "finish" || entry[0] === "c");
  assertEquals(new Set(counted.map((entry) => entry[0])).size, counted.length);
}

/** What a request may wait for before its upgrade, by where it does. */
const WAITS: Record<string, (gate: () => Promise<void>) => Application> = {
  prepare: (gate) => new Application([["/", waiting({ prepare: gate })]]),
  "an async getCurrentUser": (gate) =>
    new Application([["/", waiting({ getCurrentUser: async () => await gate() })]]),
  "an async selectSubprotocol": (gate) =>
    new Application([["/", waiting({ selectSubprotocol: () => gate().then(() => null) })]]),
  middleware: (gate) =>
    new Application([["/", waiting({})]], {
      middleware: [(_request, next) => gate().then(() => next())],
    }),
};

let journal = new Journal();

function waiting(hooks: object): typeof WebSocketHandler {
  class Waiting extends WebSocketHandler {
    override open() {
      journal.add("open");
    }
    override onClose() {
      journal.add("close");
    }
    override onFinish() {
      journal.add(`finish ${this.getStatus()}`);
    }
  }
  Object.assign(Waiting.prototype, hooks);
  return Waiting;
}

// The first test: the runtime warns once.
Deno.test("client that stays is upgraded after all that, and the runtime warns of nothing", async () => {
  const { warn } = console;
  const warnings: unknown[] = [];
  console.warn = (warning) => void warnings.push(warning);
  try {
    for (const make of Object.values(WAITS)) {
      journal = new Journal();
      await using server = serve(make(() => new Promise((resolve) => setTimeout(resolve, 1))));
      using client = await RawWebSocket.connect(server.port, "/");
      assertEquals(await journal.until(2), ["finish 101", "open"]);
      await client.close();
    }
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings, []);
});

for (const [place, make] of Object.entries(WAITS)) {
  Deno.test(`client that is known to have left during ${place} is not upgraded`, async () => {
    journal = new Journal();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let first = true;
    await using server = serve(make(() => {
      if (!first) return done();
      first = false;
      entered.resolve();
      return gate.promise;
    }));
    {
      using socket = await RawSocket.connect(server.port);
      await socket.write(HANDSHAKE);
      await entered.promise;
    }
    // Another connection is answered after the runtime has seen the end of the first.
    await (await fetch(`${server.origin}/none`)).body?.cancel();
    gate.resolve();
    assertEquals(await journal.until(1), ["finish 499"]);
  });
}

Deno.test("client that leaves during prepare ends its request once", async () => {
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  const app = recorder(journal, () => gate.promise);
  await using server = serve(app);
  {
    using socket = await RawSocket.connect(server.port);
    await socket.write(HANDSHAKE);
    await journal.until(1);
  }
  gate.resolve();
  await poll(() => journal.entries.at(-1) === "close 1006");
  assertEquals(journal.entries.filter((entry) => entry !== "open"), [
    "prepare",
    "finish",
    "close 1006",
  ]);
  await assertOver(app, journal);
});

Deno.test("client that leaves right after its handshake is closed once", async () => {
  for (let i = 0; i < 20; i++) {
    const journal = new Journal();
    const app = recorder(journal, () => Promise.resolve());
    await using server = serve(app);
    {
      using socket = await RawSocket.connect(server.port);
      await socket.write(HANDSHAKE);
      if (i % 2 === 0) await socket.readResponse();
    }
    await poll(() => journal.entries.at(-1) === "close 1006");
    assertEquals(journal.entries.at(-1), "close 1006");
    await assertOver(app, journal);
  }
});

Deno.test("client that leaves while open waits is closed once", async () => {
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  const app = recorder(journal, () => journal.entries.includes("open") ? gate.promise : done());
  await using server = serve(app);
  {
    using _client = await RawWebSocket.connect(server.port, "/");
    await journal.until(3);
  }
  assertEquals(await journal.until(4), ["prepare", "finish", "open", "close 1006"]);
  gate.resolve();
  await assertOver(app, journal);
});

Deno.test("client that leaves in the middle of a message is closed once", async () => {
  const journal = new Journal();
  const app = recorder(journal, done);
  await using server = serve(app);
  const frame = encodeFrame({ opcode: OPCODE.text, payload: "x".repeat(1000) });
  {
    using client = await RawWebSocket.connect(server.port, "/");
    await journal.until(3);
    await client.socket.write(frame.subarray(0, 500));
  }
  assertEquals(await journal.until(4), ["prepare", "finish", "open", "close 1006"]);
  await assertOver(app, journal);
});

Deno.test("client that leaves while onMessage waits is closed once", async () => {
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  const app = recorder(journal, () => journal.entries.length > 3 ? gate.promise : done());
  await using server = serve(app);
  {
    using client = await RawWebSocket.connect(server.port, "/");
    await journal.until(3);
    await client.send(OPCODE.text, "one");
    await journal.until(4);
  }
  assertEquals((await journal.until(5)).slice(3), ["message one", "close 1006"]);
  gate.resolve();
  await assertOver(app, journal);
});

Deno.test("client that leaves without answering a close frame is closed once", async () => {
  const journal = new Journal();
  class Closing extends WebSocketHandler {
    override onMessage() {
      this.close(3000, "enough");
      this.close(3001, "really");
    }
    override onClose() {
      journal.add(`close ${this.closeCode} ${this.closeReason}`);
    }
  }
  await using server = serve(new Application([["/", Closing]]));
  {
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(OPCODE.text, "one");
    const frame = await client.receive();
    assertEquals([frame?.closeCode, frame?.text], [3000, "enough"]);
  }
  assertEquals(await journal.until(1), ["close 3000 enough"]);
});

Deno.test("client that ignores a close frame is cut after closeTimeout", async () => {
  const journal = new Journal();
  class Closing extends WebSocketHandler {
    override open() {
      this.close();
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  const settings = { websocketCloseTimeout: 20 };
  await using server = serve(new Application([["/", Closing]], settings));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.closeCode, 1000);
  assertEquals(await journal.until(1), ["close 1006"]);
  assertEquals(await client.receive(), null);
});

Deno.test("client that does not answer pings is dropped after twice the interval", async () => {
  const journal = new Journal();
  class Idle extends WebSocketHandler {
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
    override get pingInterval() {
      return 50;
    }
  }
  await using server = serve(new Application([["/", Idle]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.opcode, OPCODE.ping);
  assertEquals((await client.receive())?.closeCode, 1001);
  assertEquals(await journal.until(1), ["close 1001"]);
});

Deno.test("client that is not to be pinged is left alone", async () => {
  using clock = fakeClock();
  let handler: WebSocketHandler | undefined;
  class Idle extends WebSocketHandler {
    override open() {
      handler = this;
    }
  }
  using server = new FakeServer(Idle, { websocketPingInterval: 0 });
  const socket = await server.connect();
  await clock.tick(600_000);
  handler?.writeMessage("still here");
  assertEquals([server.idleTimeouts, socket.sent, clock.pending()], [[0], ["still here"], 0]);
});

function done(): Promise<void> {
  return Promise.resolve();
}
