import { assertEquals, assertStringIncludes } from "@std/assert";
import { Chat } from "../../examples/long_polling_chat.ts";
import { serve } from "../support/serve.ts";

async function say(origin: string, text: string): Promise<unknown> {
  const body = new URLSearchParams({ text });
  return await (await fetch(`${origin}/messages`, { method: "POST", body })).json();
}

async function news(origin: string, after: number): Promise<unknown> {
  return await (await fetch(`${origin}/messages?after=${after}`)).json();
}

Deno.test("chat gives the messages that someone has missed at once", async () => {
  await using server = serve(new Chat());
  assertEquals(await say(server.origin, "Hello"), { id: 1, text: "Hello" });
  await say(server.origin, "World");
  assertEquals(await news(server.origin, 1), [{ id: 2, text: "World" }]);
});

Deno.test("chat answers everyone who waits when somebody speaks", async () => {
  await using server = serve(new Chat());
  const waiting = [news(server.origin, 0), news(server.origin, 0)];
  // The answer to this request tells that the server has read those before it, or it has not yet,
  // and then they find the message there.
  await say(server.origin, "Hello");
  const message = { id: 1, text: "Hello" };
  assertEquals(await Promise.all(waiting), [[message], [message]]);
});

Deno.test("chat answers with nothing when nobody speaks for long", async () => {
  await using server = serve(new Chat(20));
  assertEquals(await news(server.origin, 0), []);
});

Deno.test("chat serves its page", async () => {
  await using server = serve(new Chat());
  const page = await (await fetch(server.origin)).text();
  assertStringIncludes(page, "<title>Chat</title>");
});
