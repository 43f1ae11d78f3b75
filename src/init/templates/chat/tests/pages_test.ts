import { assertEquals, assertMatch } from "@std/assert";
import { testServer } from "@gustnado/gustnado/testing";
import { ChatApplication } from "../chat_application.ts";

Deno.test("the home page leads to the lobby", async () => {
  await using chat = testServer(new ChatApplication());
  assertEquals((await chat.get("/", { status: 302 })).location, "/rooms/lobby");
});

Deno.test("a room has a page, with its scripts and its style", async () => {
  await using chat = testServer(new ChatApplication());
  const page = await (await chat.get("/rooms/attic")).text();
  assertMatch(page, /<title>attic – my-app<\/title>/);
  const paths = [...page.matchAll(/(?:src|href|data-client)="([^"]+)"/g)];
  assertEquals(paths.length, 5);
  for (const [, path = ""] of paths) await chat.get(path, { status: 200 });
});

Deno.test("what is no name of a room has no page", async () => {
  await using chat = testServer(new ChatApplication());
  for (const name of ["No%20Room", "x".repeat(33), ""]) {
    await chat.get(`/rooms/${name}`, { status: 404 });
  }
});
