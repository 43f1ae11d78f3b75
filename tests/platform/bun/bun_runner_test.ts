import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { bundle } from "../../support/bundle.ts";
import { Bun } from "../../support/bun.ts";
import { freePort } from "../../support/child_server.ts";
import { poll } from "../../support/poll.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { testCertificate } from "../../../src/testing/server/certificate.ts";
import { serviceTest } from "../../support/services.ts";

const SUITE = `
import { expect, test } from "bun:test";
import { Application, EventStreamHandler, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
import { captureLogs, fakeTime, testServer } from "@gustnado/gustnado/testing";

class Main extends RequestHandler {
  override get() {
    this.write("Hello, world");
  }
  override post() {
    this.setSignedCookie("who", this.getBodyArgument("who"));
  }
}

class Who extends RequestHandler {
  override get() {
    this.write(this.getSignedCookie("who") ?? "nobody");
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    return this.writeMessage(message);
  }
}

class Ticks extends EventStreamHandler {
  override async open() {
    await this.send({ data: "tick" });
  }
}

const makeApp = () =>
  new Application([["/", Main], ["/who", Who], ["/ws", Echo], ["/ticks", Ticks]], {
    cookieSecret: "a secret of more than thirty-two bytes",
  });

for (const socket of [false, true]) {
  const where = socket ? "over a socket" : "in process";

  test("request is answered " + where, async () => {
    await using t = testServer(makeApp(), { socket });
    const response = await t.get("/", { status: 200 });
    expect(await response.text()).toBe("Hello, world");
    await t.post("/", { form: { who: "gust" }, status: 200 });
    expect(await (await t.get("/who")).text()).toBe("gust");
  });

  test("WebSocket echoes " + where, async () => {
    await using t = testServer(makeApp(), { socket });
    const client = await t.websocket("/ws");
    client.writeMessage("hello");
    expect(await client.readMessage()).toBe("hello");
    client.close(3001, "bye");
    expect(await client.readMessage()).toBe(null);
  });

  test("event comes " + where, async () => {
    await using t = testServer(makeApp(), { socket });
    await using events = await t.eventStream("/ticks");
    expect((await events.next())?.data).toBe("tick");
  });
}
`;

serviceTest("bun", "tests with ./testing run under bun test", async () => {
  await using bun = await Bun.start();
  await bun.install();
  await bun.file("app.test.ts", SUITE);
  const { code, text } = await bun.output(["test"]);
  assertMatch(text, / 6 pass\n 0 fail/, text);
  assertEquals(code, 0);
});

serviceTest("bun", "server that cannot listen says where, why and what to do", async () => {
  await using bun = await Bun.start();
  const program = await bun.file(
    "listen.ts",
    `
    import { Application } from "@gustnado/gustnado";
    const app = new Application();
    const server = app.listen(0, { hostname: "127.0.0.1", onListen() {} });
    const unix = app.listen(0, { path: "./socket", onListen() {} });
    const tries = [[server.port, { hostname: "127.0.0.1" }], [0, { hostname: "192.0.2.1" }], [0, { path: "./socket" }], [0, { path: "/none/socket" }]];
    for (const [port, options] of tries) {
      try {
        app.listen(port, options);
        console.log("listens");
      } catch (error) {
        console.log(error.code, error.message.replaceAll(String(server.port), "PORT"));
      }
    }
    console.log((await (await fetch("http://localhost/none", { unix: "./socket" })).text()).includes("404"));
    await Promise.all([server.shutdown(), unix.shutdown()]);
    console.log("ended");
    `,
  );
  const { code, text } = await bun.output(["--no-install", program]);
  assertEquals(
    text.split("\n").slice(0, 6),
    [
      "EADDRINUSE Cannot listen on 127.0.0.1:PORT: another server has the port; end that one, or take another port (0 takes any that is free)",
      "EADDRNOTAVAIL Cannot listen on 192.0.2.1:0: the address is none of this machine's; 0.0.0.0 takes all of them",
      'EADDRINUSE Cannot listen on "./socket": something is there already; if a server that is gone has left it behind, remove it',
      "ENOENT ENOENT: no such file or directory, listen '/none/socket'",
      "true",
      "ended",
    ],
  );
  assertEquals(code, 0);
});

serviceTest("bun", "WebSockets need what Bun asks for, in a program of one file too", async () => {
  await using bun = await Bun.start();
  const source = new URL("../../fixtures/bun_parts.ts", import.meta.url);
  const bundled = await bun.file("bundled.js", await bundle(source));
  for (const program of [source.pathname, bundled]) {
    const { text } = await bun.output(["--no-install", program]);
    const lines = text.split("\n").filter((line) => /^(hello|refused)$/.test(line));
    assertEquals(lines, ["hello", "refused", "refused"], text);
    assertStringIncludes(text, "Cannot open a WebSocket: the server of Bun needs websocket");
    assertStringIncludes(
      text,
      "Cannot use WebSockets of a server that the application does not know",
    );
  }
});

serviceTest(
  "bun",
  "default export of the parts, with a port, serves WebSockets and ends with 0",
  async () => {
    await using bun = await Bun.start();
    const program = await bun.file(
      "parts.ts",
      `
    import { Application, WebSocketHandler } from "@gustnado/gustnado";
    class Echo extends WebSocketHandler {
      override onMessage(message: string | Uint8Array) { return this.writeMessage(message); }
      override onClose() { console.log("close", this.closeCode); }
    }
    const app = new Application([["/ws", Echo]]);
    console.log(Bun.argv[2]);
    export default { port: Number(Bun.argv[2]), fetch: app.fetch, websocket: app.websocket };
    `,
    );
    await using child = await bun.run([program, `${freePort()}`]);
    assert(await poll(() => accepts(child.port)));
    using client = await RawWebSocket.connect(child.port, "/ws");
    await client.send(OPCODE.text, "hello");
    assertEquals((await client.receive())?.text, "hello");
    child.process.kill("SIGTERM");
    assertEquals((await client.receive())?.closeCode, 1001);
    assert((await child.rest()).includes("close 1001"));
    assertEquals((await child.process.status).code, 0);
  },
);

serviceTest("bun", "server with a certificate speaks https and wss", async () => {
  await using bun = await Bun.start();
  const { cert, key, ca } = await testCertificate();
  const program = await bun.file(
    "tls.ts",
    `
    import { Application, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
    class Main extends RequestHandler {
      override get() { this.write(this.request.protocol); }
    }
    class Echo extends WebSocketHandler {
      override onMessage(message: string | Uint8Array) { return this.writeMessage(message); }
    }
    const app = new Application([["/", Main], ["/ws", Echo]]);
    const [cert, key] = ${JSON.stringify([cert, key])};
    app.listen(0, { hostname: "127.0.0.1", cert, key, onListen: ({ port }) => console.log(port) });
    `,
  );
  await using child = await bun.run([program]);
  using connections = Deno.createHttpClient({ caCerts: [ca] });
  const url = `localhost:${child.port}`;
  const response = await fetch(`https://${url}/`, { client: connections });
  assertEquals(await response.text(), "https");
  const socket = new WebSocket(`wss://${url}/ws`, { client: connections });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => resolve(data);
  socket.onerror = () => reject(new Error("no WebSocket"));
  assertEquals(await promise, "hello");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

async function accepts(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}
