import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatMember,
  formatPlain,
  membersOf,
  ownPlain,
  parseChange,
  parseKept,
  parseMember,
  parsePlain,
  parseRecord,
} from "../../../src/topics/redis/envelope.ts";

const payload = fc.string({ unit: "binary" }).map((text) => `t${text}`);
const name = fc.string({ unit: "binary" });
const info = fc.json();
const offset = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

Deno.test("what is published on the channel of plain topics is read as it was written", () => {
  fc.assert(fc.property(name, name, payload, (node, topic, payload) => {
    const text = formatPlain({ node, topic, payload });
    assertEquals(parsePlain(text), { node, topic, payload });
    assert(text.startsWith(ownPlain(node)));
  }));
});

Deno.test("the beginning of a process's own messages is that of no other process", () => {
  fc.assert(fc.property(name, name, name, (node, other, topic) => {
    fc.pre(node !== other);
    assertEquals(
      formatPlain({ node: other, topic, payload: "t" }).startsWith(ownPlain(node)),
      false,
    );
    assertEquals(formatMember({ node: other, id: topic }).startsWith(membersOf(node)), false);
  }));
});

Deno.test("records, of the channel and of the log, have their offset and their payload", () => {
  fc.assert(fc.property(offset, payload, (offset, payload) => {
    const record = { offset, previous: offset - 1, payload };
    assertEquals(parseRecord(`e_-1.${offset}\n${payload}`), { epoch: "e_-1", record });
    assertEquals(parseKept(`${offset} 1700000000000 7 some producer\n${payload}`), record);
  }));
});

Deno.test("changes of a presence have who and what", () => {
  fc.assert(fc.property(offset, name, name, info, fc.boolean(), (offset, node, id, info, gone) => {
    const record = { node, id, info };
    const field = formatMember(record);
    const change = { offset, previous: offset - 1, epoch: "e", record, gone };
    assertEquals(parseMember(field, info), record);
    assertEquals(parseChange(`e.${offset}\n${gone ? "-" : "+"}${field}\n${info}`), change);
  }));
});

Deno.test("what is no envelope is null, and never an error", () => {
  const parsers = [parsePlain, parseRecord, parseKept, parseChange];
  const piece = fc.constantFrom(
    "\n",
    ".",
    "e",
    "1",
    "0",
    "[",
    "]",
    '"',
    ",",
    "+",
    "-",
    " ",
    "{",
    "t",
  );
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: piece }));
  fc.assert(fc.property(text, (text) => {
    for (const parse of parsers) {
      const value = parse(text);
      assert(value === null || typeof value === "object");
    }
  }));
  for (
    const text of ["", "\n", "e.0\nt", "e.01\nt", "e.1", "e.1\n", "é.1\nt", "e.9007199254740993\nt"]
  ) {
    assertEquals([text, parseRecord(text)], [text, null]);
  }
  for (const payload of ["", "x", "xt", "b%"]) {
    assertEquals(parsePlain(`["a","b"]\n${payload}`), null);
  }
  for (const text of ["", "\n", "0 1 1 p\nt", "1 1 p\nt", "x\nt", "9007199254740993 1 1 p\nt"]) {
    assertEquals([text, parseKept(text)], [text, null]);
  }
});
