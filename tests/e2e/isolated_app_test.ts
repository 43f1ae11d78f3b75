import { assertEquals, assertMatch } from "@std/assert";
import { websocketConnect } from "../../mod.ts";
import { ChildServer } from "../support/child_server.ts";

const PROGRAM = new URL("../fixtures/isolated_app.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

function startIsolated(): Promise<ChildServer> {
  return ChildServer.start({
    program: Deno.execPath(),
    args: ({ port }) => [
      ...["serve", "--quiet", "--no-check", "--no-prompt", "--cached-only", "--allow-net"],
      ...["--host=127.0.0.1", `--port=${port}`, "--config", CONFIG, PROGRAM],
    ],
  });
}

Deno.test("application that is exported, and nothing else, needs no permission but the network", async () => {
  await using server = await startIsolated();
  const origin = `http://127.0.0.1:${server.port}`;
  const hello = await fetch(origin);
  assertEquals([hello.status, await hello.text()], [200, "Hello edge"]);
  const [cookie = ""] = (hello.headers.get("set-cookie") ?? "").split(";");
  assertMatch(cookie, /^user=/);
  const body = new URLSearchParams({ a: "1" });
  const posted = await fetch(origin, { method: "POST", headers: { Cookie: cookie }, body });
  assertEquals(await posted.json(), { user: "Dorothy", got: "1" });

  await using socket = await websocketConnect(`ws://127.0.0.1:${server.port}/ws`);
  socket.writeMessage("echo");
  assertEquals(await socket.readMessage(), "echo");

  const options = { protocols: ["gustnado.v1.json"] };
  await using topics = await websocketConnect(`ws://127.0.0.1:${server.port}/topics`, options);
  topics.writeMessage(
    '{"type":"hello","token":null}\n{"type":"subscribe","id":1,"topic":"chat/1"}',
  );
  assertMatch(String(await topics.readMessage()), /"welcome"/);
  assertMatch(String(await topics.readMessage()), /"subscribed"/);
});
