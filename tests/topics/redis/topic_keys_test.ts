import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { KeySpace, lineOf, tagOf } from "../../../src/topics/redis/topic_keys.ts";

// Half surrogate pairs, too: they are what UTF-8 cannot tell apart.
const name = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.constantFrom("%", "{", "}", "7", "B", "\ud800", "\udc00", "\n") }),
);
const sent = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));

Deno.test("topics of any two names have other keys, also as UTF-8", () => {
  fc.assert(fc.property(name, name, (one, other) => {
    fc.pre(one !== other);
    assert(sent(tagOf(one)) !== sent(tagOf(other)), JSON.stringify([one, other]));
    assert(sent(lineOf(one)) !== sent(lineOf(other)));
  }));
});

Deno.test("the keys of a topic are in one slot of a cluster", () => {
  const keys = new KeySpace("gustnado:");
  fc.assert(fc.property(name, (topic) => {
    const tag = tagOf(topic);
    assertMatch(tag, /^[^{}]+$/);
    for (const key of Object.values(keys.of(topic))) {
      assertEquals(/\{([^}]*)\}/.exec(key)?.[1], tag);
    }
  }));
});

Deno.test("keys are called what an operator looks for", () => {
  const keys = new KeySpace("app:");
  assertEquals(keys.of("chat/1").log, "app:log:{chat/1}");
  assertEquals(keys.of("100 %{}").state, "app:topic:{100 %25%7B%7D}");
  assertEquals(keys.topicsOf("n1"), "app:nodes:{nodes}:n1");
  assertEquals(lineOf("a\nb"), "a%0Ab");
});
