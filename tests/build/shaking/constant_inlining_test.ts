import { assertEquals } from "@std/assert";
import { inlineConstants } from "../../../src/build/shaking/constant_inlining.ts";

const CASES: Readonly<Record<string, readonly [text: string, inlined: string]>> = {
  "a constant is put where it is read": [
    "const wound = !1; if (wound) reel(wound);",
    "const wound = !1; if ((false)) reel((false));",
  ],
  "one of several in a statement, too": [
    "function f() { const a = g(), wound = void 0; return a ?? wound; }",
    "function f() { const a = g(), wound = void 0; return a ?? (void 0); }",
  ],
  "within a closure": [
    "const wound = null; const f = () => wound;",
    "const wound = null; const f = () => (null);",
  ],
  "as the value of a key with its own name": [
    "const wound = true; f({ wound, b: wound });",
    "const wound = true; f({ wound: true, b: (true) });",
  ],
  "but for keys, members and labels": [
    "const wound = true; wound: while (a.wound) { b = { wound: 1 }; break wound; } class A { wound = 1; }",
    "const wound = true; wound: while (a.wound) { b = { wound: 1 }; break wound; } class A { wound = 1; }",
  ],
  "not if it is set again": [
    "let wound = false; wound = true; f(wound);",
    "let wound = false; wound = true; f(wound);",
  ],
  "not if it is set by a pattern": [
    "let wound = false; [wound] = a; f(wound);",
    "let wound = false; [wound] = a; f(wound);",
  ],
  "not if it is counted": ["let n = null; n++; f(n);", "let n = null; n++; f(n);"],
  "not if a loop sets it": [
    "let n = null; for (n of a) f(n);",
    "let n = null; for (n of a) f(n);",
  ],
  "not if a parameter has its name": [
    "const wound = false; function f({ wound = 1 }, ...rest) { return wound; }",
    "const wound = false; function f({ wound = 1 }, ...rest) { return wound; }",
  ],
  "not if an error has its name": [
    "const e = null; try { f(e); } catch (e) { g(e); }",
    "const e = null; try { f(e); } catch (e) { g(e); }",
  ],
  "what is exported stays": [
    "const wound = false; export { wound };",
    "const wound = false; export { wound };",
  ],
  "an imported name is none": [
    'import { wound } from "./a.ts"; f(wound);',
    'import { wound } from "./a.ts"; f(wound);',
  ],
  "what is no constant stays": ["const a = 1, b = f(); g(a, b);", "const a = 1, b = f(); g(a, b);"],
};

for (const [name, [text, inlined]] of Object.entries(CASES)) {
  Deno.test(`constants in place of variables: ${name}`, () => {
    assertEquals(inlineConstants(text), inlined);
  });
}
