import { assertEquals } from "@std/assert";
import { computesNames } from "../../../src/build/shaking/computed_names.ts";

const CASES: readonly (readonly [text: string, computes: boolean])[] = [
  ["this.write(list[0], this['get']);", false],
  ["const { get, ['a']: b } = handler;", true],
  ["handler[name]();", true],
  ["handler[`get${what}`]();", true],
  ["handler?.[name];", true],
  ["class A { [name]() {} }", false],
  ["const list = [1, 2];", false],
  ["Reflect.get(handler, name);", true],
  ["new Function('return 1');", true],
  ["no module [of the language", true],
];

for (const [text, computes] of CASES) {
  Deno.test(`members are ${computes ? "perhaps" : "never"} named at run time: ${text}`, () => {
    assertEquals(computesNames(text), computes);
  });
}
