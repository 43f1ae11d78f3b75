import { assert, assertEquals } from "@std/assert";
import hello from "../../examples/hello.ts";
import { everywhere } from "../support/everywhere.ts";

everywhere("hello greets", () => hello, async (t) => {
  assertEquals(await (await t.get("/")).text(), "Hello, world");
});

everywhere("hello echoes text and bytes", () => hello, async (t) => {
  const socket = await t.websocket("/ws");
  socket.writeMessage("gust");
  assertEquals(await socket.readMessage(), "gust");
  socket.writeMessage(new Uint8Array([1, 2]));
  assertEquals(await socket.readMessage(), new Uint8Array([1, 2]));
});

Deno.test("hello is a program of fewer than 30 lines", async () => {
  const source = await Deno.readTextFile(new URL("../../examples/hello.ts", import.meta.url));
  const program = source.slice(source.indexOf("*/") + 2).trim();
  assert(program.split("\n").length < 30);
});
