import { assertEquals, assertStringIncludes } from "@std/assert";
import { Chat } from "../../examples/long_polling_chat.ts";
import type { TestClient } from "../../src/testing/client/test_client.ts";
import { fakeTime } from "../../src/testing/fake_time.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { everywhere } from "../support/everywhere.ts";

async function say(t: TestClient, text: string): Promise<unknown> {
  return await (await t.post("/messages", { form: { text } })).json();
}

async function news(t: TestClient, after: number): Promise<unknown> {
  return await (await t.get("/messages", { query: { after } })).json();
}

everywhere(
  "chat gives the messages that someone has missed at once",
  () => new Chat(),
  async (t) => {
    assertEquals(await say(t, "Hello"), { id: 1, text: "Hello" });
    await say(t, "World");
    assertEquals(await news(t, 1), [{ id: 2, text: "World" }]);
  },
);

everywhere("chat answers everyone who waits when somebody speaks", () => new Chat(), async (t) => {
  const waiting = [news(t, 0), news(t, 0)];
  // The answer to this request tells that the server has read those before it, or it has not yet,
  // and then they find the message there.
  await say(t, "Hello");
  const message = { id: 1, text: "Hello" };
  assertEquals(await Promise.all(waiting), [[message], [message]]);
});

Deno.test("chat answers with nothing when nobody speaks for long", async () => {
  using time = fakeTime();
  await using t = testServer(new Chat(30_000));
  const nothing = news(t, 0);
  await time.tick(30_000);
  assertEquals(await nothing, []);
});

Deno.test("chat serves its page", async () => {
  await using t = testServer(new Chat());
  assertStringIncludes(await (await t.get("/")).text(), "<title>Chat</title>");
});
