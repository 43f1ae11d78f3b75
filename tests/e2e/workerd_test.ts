import { assertEquals, assertMatch } from "@std/assert";
import { template, websocketConnect } from "../../mod.ts";
import { bundle } from "../support/bundle.ts";
import type { ChildServer } from "../support/child_server.ts";
import { OUTCOMES, routes, rudeServer } from "../support/client_checks.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";

async function startWorker(): Promise<ChildServer> {
  return await startWorkerd({
    "worker.js": await bundle(new URL("../fixtures/edge_worker.ts", import.meta.url)),
    "page.js": template.compile("Hello {{ name }}", { name: "page.html" }),
  });
}

serviceTest("workerd", "application is a worker of the edge as it stands", async () => {
  await using worker = await startWorker();
  const origin = `http://127.0.0.1:${worker.port}`;
  const hello = await fetch(origin);
  assertEquals([hello.status, await hello.text()], [200, "hello"]);
  const posted = await fetch(origin, { method: "POST", body: new URLSearchParams({ a: "1" }) });
  assertEquals(await posted.json(), { got: "1" });
  const missing = await fetch(`${origin}/none`);
  assertEquals(missing.status, 404);
  await missing.body?.cancel();
  const compiled = await fetch(`${origin}/page/compiled`);
  assertEquals(await compiled.text(), "Hello edge");
  const interpreted = await fetch(`${origin}/page/text`);
  assertMatch(await interpreted.text(), /this runtime does not generate code.*PrecompiledLoader/);
});

serviceTest("workerd", "WebSocket handler is a worker of the edge as it stands", async () => {
  await using worker = await startWorker();
  const url = `ws://127.0.0.1:${worker.port}/ws`;
  await using connection = await websocketConnect(url, { protocols: ["chat"] });
  assertEquals(connection.selectedSubprotocol, "chat");
  assertEquals(await connection.readMessage(), "welcome");
  connection.writeMessage("text");
  assertEquals(await connection.readMessage(), "text");
  connection.writeMessage(new Uint8Array([1, 2, 255]));
  assertEquals(await connection.readMessage(), new Uint8Array([1, 2, 255]));
  for (let i = 0; i < 8; i++) {
    await connection.writeMessage("x".repeat(100_000));
    assertEquals((await connection.readMessage())?.length, 100_000);
  }
  connection.writeMessage("bye");
  assertEquals(await connection.readMessage(), null);
  assertEquals([connection.closeCode, connection.closeReason], [4001, "as you wish"]);
});

serviceTest("workerd", "clients work on the edge, and name what it cannot do", async (t) => {
  await using worker = await startWorker();
  await using server = serve(routes());
  await using other = serve(routes());
  await using rude = rudeServer();
  const query = new URLSearchParams({
    origin: server.origin,
    other: other.origin,
    rude: rude.origin,
  });
  for (const [name, expected] of Object.entries(OUTCOMES)) {
    await t.step(name, async () => {
      const response = await fetch(`http://127.0.0.1:${worker.port}/clients/${name}?${query}`);
      assertEquals(await response.json(), { outcome: expected });
    });
  }
});
