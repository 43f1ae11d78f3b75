import { assertEquals } from "@std/assert";
import { PlainPublications } from "../../../src/topics/handlers/plain_publications.ts";

Deno.test("number of a session is taken once, and the numbers of each session are its own", () => {
  const publications = new PlainPublications();
  const taken = [["a", 1], ["a", 1], ["b", 1], ["a", 3], ["a", 2]] as const;
  assertEquals(taken.map(([session, id]) => publications.take(session, id)), [
    true,
    false,
    true,
    true,
    false,
  ]);
});

Deno.test("ten thousand sessions are remembered, and then those that published last", () => {
  const publications = new PlainPublications();
  for (let session = 0; session < 10_000; session++) publications.take(`${session}`, 1);
  assertEquals(publications.take("0", 1), false);
  publications.take("0", 2);
  publications.take("another", 1);
  assertEquals([publications.take("0", 2), publications.take("1", 1)], [false, true]);
});
