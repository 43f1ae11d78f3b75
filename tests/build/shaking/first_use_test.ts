import { assertEquals } from "@std/assert";
import { FirstUses } from "../../../src/build/shaking/first_use.ts";

const resolve = (specifier: string) =>
  specifier.startsWith("./") ? `/lib/${specifier.slice(2)}` : null;

Deno.test("what is imported at its first use is there from the start", () => {
  const uses = new FirstUses();
  assertEquals(
    uses.replaced('const { fly } = await import("./kite.ts");', resolve),
    "const { fly } = await Promise.resolve(gustnadoFirstUse0);\n" +
      'import { gustnadoFirstUse0 } from "gustnado:first_uses";\n',
  );
  assertEquals(
    uses.replaced('import("./reel.ts"); import("./kite.ts");', resolve),
    "Promise.resolve(gustnadoFirstUse1); Promise.resolve(gustnadoFirstUse0);\n" +
      'import { gustnadoFirstUse1, gustnadoFirstUse0 } from "gustnado:first_uses";\n',
  );
  assertEquals(
    uses.text,
    'export * as gustnadoFirstUse0 from "/lib/kite.ts";\n' +
      'export * as gustnadoFirstUse1 from "/lib/reel.ts";\n',
  );
});

Deno.test("imports of packages, and of what is not written out, stay", () => {
  const uses = new FirstUses();
  for (const text of ['await import("ws");', "await import(name);", "f();"]) {
    assertEquals(uses.replaced(text, resolve), text);
  }
  assertEquals(uses.text, "");
});
