/** Reads that were served leave nothing behind on the signal they were given. */
import { assertEquals } from "@std/assert";
import { IOStream, TCPClient, TCPServer } from "@gustnado/gustnado";
import { countListeners } from "../support/listener_count.ts";
import { ScriptedConnection } from "../support/scripted_connection.ts";

const READS: Readonly<Record<string, (stream: IOStream, signal: AbortSignal) => Promise<unknown>>> =
  {
    "readBytes": (stream, signal) => stream.readBytes(2, { signal }),
    "readInto": (stream, signal) => stream.readInto(new Uint8Array(2), { signal }),
    "readUntil": (stream, signal) => stream.readUntil("\n", { signal }),
    "readUntilRegex": (stream, signal) => stream.readUntilRegex(/\n/, { signal }),
  };

for (const [name, read] of Object.entries(READS)) {
  Deno.test(`${name} leaves no listener on a signal after 1,000 served reads`, async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    const connection = new ScriptedConnection();
    using stream = new IOStream(connection);
    for (let round = 0; round < 1_000; round++) {
      const reading = read(stream, signal);
      assertEquals(listeners(), 1);
      await connection.arrive("x\n");
      await reading;
      assertEquals(listeners(), 0);
    }
  });
}

Deno.test("reads that fail leave no listener on a signal", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  await stream.readBytes(1, { signal, timeout: 1 }).catch(() => {});
  const reading = stream.readUntilClose({ signal });
  assertEquals(listeners(), 1);
  await connection.end();
  await reading;
  assertEquals(listeners(), 0);
});

Deno.test("connecting leaves no listener on a signal", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  class Greeter extends TCPServer {
    override async handleStream(stream: IOStream): Promise<void> {
      await stream.write("hello");
    }
  }
  await using server = new Greeter();
  server.listen(0, { hostname: "127.0.0.1" });
  for (let round = 0; round < 20; round++) {
    using stream = await new TCPClient().connect("127.0.0.1", server.port, { signal });
    assertEquals((await stream.readUntilClose({ signal })).length, 5);
    assertEquals(listeners(), 0);
  }
});
