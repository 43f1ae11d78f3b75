import { assertEquals } from "@std/assert";
import { FirstUses } from "../../../src/build/shaking/first_use.ts";

const resolve = (specifier: string) =>
  specifier.startsWith("./") ? `/lib/${specifier.slice(2)}` : null;

Deno.test("what is imported at its first use is there from the start", () => {
  const uses = new FirstUses();
  assertEquals(
    uses.replaced('const kite = await import("./kite.ts");', resolve),
    "const kite = await Promise.resolve(gustnadoFirstUse0);\n" +
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

Deno.test("of a module of which names are taken, those are there", () => {
  const uses = new FirstUses();
  assertEquals(
    uses.replaced('const { fly, land: end = 1 } = await import("./kite.ts");', resolve),
    "const { fly, land: end = 1 } = await Promise.resolve({ fly: gustnadoFirstUse0, land: gustnadoFirstUse1 });\n" +
      'import { gustnadoFirstUse0, gustnadoFirstUse1 } from "gustnado:first_uses";\n',
  );
  assertEquals(
    uses.replaced('import("./kite.ts").then(({ fly }) => fly());', resolve),
    "Promise.resolve({ fly: gustnadoFirstUse0 }).then(({ fly }) => fly());\n" +
      'import { gustnadoFirstUse0 } from "gustnado:first_uses";\n',
  );
  assertEquals(
    uses.replaced('(await import("./kite.ts")).land();', resolve),
    "(await Promise.resolve({ land: gustnadoFirstUse1 })).land();\n" +
      'import { gustnadoFirstUse1 } from "gustnado:first_uses";\n',
  );
  for (const pattern of ["{ fly, ...rest }", "{ [fly]: land }", "{ default: kite }", "kite"]) {
    const text = uses.replaced(`const ${pattern} = await import("./reel.ts");`, resolve);
    assertEquals(text.includes("await Promise.resolve(gustnadoFirstUse2)"), true, text);
  }
  assertEquals(
    uses.text,
    'export { fly as gustnadoFirstUse0 } from "/lib/kite.ts";\n' +
      'export { land as gustnadoFirstUse1 } from "/lib/kite.ts";\n' +
      'export * as gustnadoFirstUse2 from "/lib/reel.ts";\n',
  );
});

Deno.test("imports of packages, and of what is not written out, stay", () => {
  const uses = new FirstUses();
  for (const text of ['await import("ws");', "await import(name);", "f();"]) {
    assertEquals(uses.replaced(text, resolve), text);
  }
  assertEquals(uses.text, "");
});
