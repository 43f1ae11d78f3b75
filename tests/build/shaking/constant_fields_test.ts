import { assertEquals } from "@std/assert";
import { constantFields } from "../../../src/build/shaking/constant_fields.ts";
import { LiveNames } from "../../../src/build/shaking/live_names.ts";
import { outlineOf } from "../../../src/build/shaking/module_outline.ts";

/** The constant fields of a module of which all is live that `members` name. */
async function fieldsOf(text: string, members: string[], names: string[] = []): Promise<object> {
  const live = new LiveNames({
    outline: () => Promise.resolve(outlineOf(text, { writesCode: false })),
    resolve: () => null,
    foreignNames: () => null,
  });
  await live.follow({ members, imports: [["a", "Kite"]] });
  return Object.fromEntries(constantFields(live, new Set(names)));
}

Deno.test("a field is constant whose writes in live code are all the same", async () => {
  const text = `export class Kite { wound = false; tail; reel() { this.wound = false; } 
    wind() { this.wound = true; } }`;
  assertEquals(await fieldsOf(text, ["reel"]), { wound: "false", tail: "void 0" });
  assertEquals(await fieldsOf(text, ["reel", "wind"]), { tail: "void 0" });
});

Deno.test("a field that is declared and then set to false is false", async () => {
  const text = "export class Kite { wound; constructor() { this.wound = !1; } }";
  assertEquals(await fieldsOf(text, []), { wound: "false" });
});

for (
  const [why, text] of Object.entries({
    "is set to what is no constant":
      "export class Kite { wound; constructor(a) { this.wound = a; } }",
    "is counted": "export class Kite { wound = null; fly() { this.wound++; } }",
    "is set by a pattern": "export class Kite { wound; fly() { [this.wound] = [1]; } }",
    "is set if it is not there": "export class Kite { wound; fly() { this.wound ??= 1; } }",
    "has the name of a key": "export class Kite { wound; fly() { return { wound: 1 }; } }",
    "has the name of a method":
      "export class Kite { wound; fly() {} } export class Reel { wound() {} }",
    "has a name that is a text": 'export class Kite { wound; fly(set) { set(this, "wound"); } }',
  })
) {
  Deno.test(`a field is none that ${why}`, async () => {
    const both = text.includes("Reel")
      ? text.replace("fly() {}", "fly() { new Reel().wound(); }")
      : text;
    assertEquals(await fieldsOf(both, ["fly"]), {});
  });
}

Deno.test("a name that others have too is that of no constant field", async () => {
  const text = "export class Kite { wound; size; #own; }";
  assertEquals(await fieldsOf(text, [], ["wound"]), {});
});
