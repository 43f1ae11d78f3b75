import { assertEquals, assertMatch } from "@std/assert";
import { template, websocketConnect } from "../../mod.ts";
import { bundle } from "../support/bundle.ts";
import type { ChildServer } from "../support/child_server.ts";
import { OUTCOMES, routes, rudeServer } from "../support/client_checks.ts";
import { poll } from "../support/poll.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startWorkerd, workerdPorts } from "../support/services.ts";

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

serviceTest("workerd", "worker knows its clients by what the platform says", async () => {
  await using worker = await startWorker();
  const address = async (headers: Record<string, string>) => {
    const response = await fetch(`http://127.0.0.1:${worker.port}/address`, { headers });
    return await response.text();
  };
  assertEquals(await address({ "cf-connecting-ip": "192.0.2.7" }), "192.0.2.7");
  assertEquals(await address({ "cf-connecting-ip": "2001:db8::7" }), "2001:db8::7");
  assertEquals(
    await address({ "cf-connecting-ip": "nobody", "x-real-ip": "192.0.2.8" }),
    "0.0.0.0",
  );
  assertEquals(await address({}), "0.0.0.0");
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

async function startEvents(): Promise<ChildServer> {
  const text = await bundle(new URL("../fixtures/event_worker.ts", import.meta.url));
  const options = { variables: { GREETING: "good day" }, cron: true };
  return await startWorkerd({ "worker.js": text }, options);
}

/** Triggers the worker, and tells whether it went well. */
async function trigger(port: number | undefined, time: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/?time=${time}`);
  assertMatch(await response.text(), /"outcome":"ok"/);
}

serviceTest("workerd", "worker has its environment, and is kept for what comes after", async () => {
  await using worker = await startEvents();
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${worker.port}${path}`);
    return await response.text();
  };
  const done = async (count: number) => {
    let known: string[] = [];
    await poll(async () => (known = JSON.parse(await get("/done")).done).length >= count);
    return known;
  };
  assertEquals(await get("/"), "good day");
  assertEquals(await get("/session"), "kept");
  await get("/later");
  assertEquals(await done(2), ["onFinish", "waitUntil"]);
  const { cron } = await workerdPorts(worker, ["cron"]);
  await trigger(cron, 60_000);
  assertEquals(await done(3), ["onFinish", "tick", "waitUntil"]);
  await trigger(cron, 60_001);
  await trigger(cron, 120_000);
  assertEquals(await done(4), ["onFinish", "tick", "tick", "waitUntil"]);
});

serviceTest(
  "workerd",
  "files of a binding are served to whom the application lets in",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
    try {
      await Deno.mkdir(`${folder}/static`);
      await Deno.writeTextFile(`${folder}/static/wind.txt`, "A gust");
      const text = await bundle(new URL("../fixtures/asset_worker.ts", import.meta.url));
      await using worker = await startWorkerd({ "worker.js": text }, {
        folders: { ASSETS: folder },
      });
      const get = (path: string, init: RequestInit = {}) =>
        fetch(`http://127.0.0.1:${worker.port}${path}`, init);
      const refused = await get("/static/wind.txt");
      assertEquals([refused.status, await refused.text()], [401, "Who are you?"]);
      const headers = { authorization: "Bearer wind" };
      const found = await get("/static/wind.txt", { headers });
      assertEquals([found.status, await found.text()], [200, "A gust"]);
      assertEquals(found.headers.get("content-length"), "6");
      const head = await get("/static/wind.txt", { method: "HEAD", headers });
      assertEquals([head.status, await head.text()], [200, ""]);
      const missing = await get("/static/none.txt", { headers });
      assertEquals([missing.status, await missing.text()], [404, "Nothing is there"]);
      const outside = await get("/static/%2e%2e/%2e%2e/etc/passwd", { headers });
      assertEquals(outside.status, 404);
      await outside.body?.cancel();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

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
