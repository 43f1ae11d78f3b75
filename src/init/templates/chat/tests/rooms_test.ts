import { assertEquals, assertRejects } from "@std/assert";
import { TopicError } from "@gustnado/gustnado/browser";
import { type TestServer, testServer } from "@gustnado/gustnado/testing";
import { ChatApplication } from "../chat_application.ts";
import { Person } from "./person.ts";

/** The chat on a port of its own: the client of the page has no other way to it. */
function testChat(): TestServer {
  return testServer(new ChatApplication(), { socket: true });
}

Deno.test("what is said reaches all in the room, in order, and those who come later", async () => {
  await using chat = testChat();
  using ada = new Person("Ada", "lobby", chat);
  using bob = new Person("Bob", "lobby", chat);
  await ada.say("A gust");
  await bob.say("  Another  ");
  const said = ["Ada: A gust", "Bob: Another"];
  assertEquals(await ada.heard(2), said);
  assertEquals(await bob.heard(2), said);
  using cy = new Person("Cy", "lobby", chat);
  assertEquals(await cy.heard(2), said);
});

Deno.test("rooms are apart", async () => {
  await using chat = testChat();
  using ada = new Person("Ada", "lobby", chat);
  using bob = new Person("Bob", "attic", chat);
  await ada.say("Down here");
  await bob.say("Up here");
  assertEquals(await bob.heard(1), ["Bob: Up here"]);
});

Deno.test("everybody sees who is there", async () => {
  await using chat = testChat();
  using ada = new Person("Ada", "lobby", chat);
  using _bob = new Person("Bob", "lobby", chat);
  assertEquals(await ada.people(2), ["Ada", "Bob"]);
});

Deno.test("an empty message and one that is too long are refused", async () => {
  await using chat = testChat();
  using ada = new Person("Ada", "lobby", chat);
  for (const text of ["", " ", "x".repeat(2_001)]) {
    const error = await assertRejects(() => ada.say(text), TopicError);
    assertEquals(error.message, "A message has 1 to 2000 characters");
  }
});

Deno.test("a topic that is no room is refused", async () => {
  await using chat = testChat();
  using ada = new Person("Ada", "No Room", chat);
  const error = await assertRejects(() => ada.say("Anybody?"), TopicError);
  assertEquals(error.code, 403);
});

Deno.test("nobody comes without a name", async () => {
  await using chat = testServer(new ChatApplication());
  for (const query of ["", "?name=", `?name=${"x".repeat(31)}`]) {
    const error = await assertRejects(() => chat.websocket(`/topics${query}`), Error);
    assertEquals(error.message.includes("400"), true, error.message);
  }
});
