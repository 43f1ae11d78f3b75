import { assert, assertEquals } from "@std/assert";
import hello from "../../examples/hello.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { bothWays, serve } from "../support/serve.ts";

bothWays("hello greets", () => hello, async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "Hello, world");
});

Deno.test("hello echoes text and bytes", async () => {
  await using server = serve(hello);
  using socket = await RawWebSocket.connect(server.port, "/ws");
  assertEquals(socket.response.status, 101);
  await socket.send(OPCODE.text, "gust");
  assertEquals((await socket.receive())?.text, "gust");
  await socket.send(OPCODE.binary, new Uint8Array([1, 2]));
  assertEquals((await socket.receive())?.payload, new Uint8Array([1, 2]));
});

Deno.test("hello is a program of fewer than 30 lines", async () => {
  const source = await Deno.readTextFile(new URL("../../examples/hello.ts", import.meta.url));
  const program = source.slice(source.indexOf("*/") + 2).trim();
  assert(program.split("\n").length < 30);
});
