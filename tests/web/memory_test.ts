import { assertEquals, assertLess } from "@std/assert";
import { ChildProcess } from "../support/child_process.ts";
import { RawSocket } from "../support/raw_socket.ts";

const GIBIBYTE = 1024 ** 3;
const CHUNK = new Uint8Array(65_536);
/** MiB that the process may take at its peak: the runtime alone takes about 80. */
const MOST = 200;

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "upload of 1 GiB to a streaming handler takes less than 200 MiB",
  ignore,
  fn: async () => {
    await using child = await ChildProcess.start("bulk_server.ts");
    using socket = await RawSocket.connect(child.port);
    await socket.write(`POST /0 HTTP/1.1\r\nHost: h\r\nContent-Length: ${GIBIBYTE}\r\n\r\n`);
    for (let sent = 0; sent < GIBIBYTE; sent += CHUNK.length) await socket.write(CHUNK);
    assertEquals((await socket.readResponse()).text, `${GIBIBYTE}`);
    assertLess(child.peakMemory(), MOST);
  },
});

Deno.test({
  name: "flushed response of 1 GiB to a slow client takes less than 200 MiB",
  ignore,
  fn: async () => {
    await using child = await ChildProcess.start("bulk_server.ts");
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: child.port });
    await connection.write(
      new TextEncoder().encode(`GET /${GIBIBYTE} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
    );
    const buffer = new Uint8Array(1 << 20);
    let received = 0;
    let pauses = 20;
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) break;
      received += length;
      // Long enough for a server that does not wait to write all of it.
      if (pauses-- > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertLess(GIBIBYTE, received);
    assertLess(child.peakMemory(), MOST);
  },
});
