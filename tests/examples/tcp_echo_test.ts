import { assertEquals, assertRejects } from "@std/assert";
import { echo } from "../../examples/tcp_echo_client.ts";
import { EchoServer } from "../../examples/tcp_echo_server.ts";
import { StreamClosedError } from "@gustnado/gustnado";

Deno.test("echo client gets its lines back from the echo server", async () => {
  await using server = new EchoServer();
  server.listen(0, { hostname: "127.0.0.1" });
  const lines = ["hello", "", "Grüße, 世界"];
  assertEquals(await echo("127.0.0.1", server.port, lines), lines);
});

Deno.test("echo server drops a client whose line does not end", async () => {
  await using server = new EchoServer();
  server.listen(0, { hostname: "127.0.0.1" });
  await assertRejects(
    () => echo("127.0.0.1", server.port, ["x".repeat(1_000_000)]),
    StreamClosedError,
  );
});
