import { assertEquals, assertThrows } from "@std/assert";
import {
  BOOLEAN,
  checkOptions,
  COUNT,
  LIMIT,
  oneOf,
  type OptionType,
  SIZE,
  STRING,
} from "../../src/checks/option_check.ts";
import { suggest } from "../../src/checks/mistakes.ts";

const TYPES = { maxSize: SIZE, name: STRING, verbose: BOOLEAN };

Deno.test("option that is undefined counts as not given, also an unknown one", () => {
  checkOptions({ maxSize: undefined, name: undefined, other: undefined }, TYPES);
});

Deno.test("unknown option is an error that names the one that was meant", () => {
  const cases: Record<string, string> = {
    max_size: 'Unknown option "max_size": it is spelled "maxSize"',
    maxsize: 'Unknown option "maxsize": did you mean "maxSize"?',
    max_sizes: 'Unknown option "max_sizes": did you mean "maxSize"?',
    nam: 'Unknown option "nam": did you mean "name"?',
    max: 'Unknown option "max": did you mean "maxSize"?',
    whatever: 'Unknown option "whatever": there is "maxSize", "name", "verbose"',
    constructor: 'Unknown option "constructor": there is "maxSize", "name", "verbose"',
  };
  for (const [name, message] of Object.entries(cases)) {
    const error = assertThrows(() => checkOptions({ [name]: 1 }, TYPES), TypeError);
    assertEquals(error.message, message);
  }
});

Deno.test("hint of the caller goes before a name that is alike", () => {
  const hint = (name: string) => name === "nam" ? ": say it" : "";
  const check = (name: string) => () => checkOptions({ [name]: 1 }, TYPES, "setting", hint);
  assertThrows(check("nam"), TypeError, 'Unknown setting "nam": say it');
  assertThrows(check("nme"), TypeError, 'Unknown setting "nme": did you mean "name"?');
  assertEquals(suggest("x", TYPES), "");
});

Deno.test("number that is none, or below its range, is an error", () => {
  const wrong: [OptionType, unknown][] = [
    [SIZE, NaN],
    [SIZE, -1],
    [SIZE, -Infinity],
    [SIZE, "5"],
    [SIZE, null],
    [COUNT, 1.5],
    [COUNT, Infinity],
    [LIMIT, 0],
    [LIMIT, NaN],
    [LIMIT, 1.5],
  ];
  for (const [type, value] of wrong) {
    assertThrows(
      () => checkOptions({ n: value }, { n: type }),
      TypeError,
      `as the option "n": expected ${type.name}`,
    );
  }
  checkOptions({ size: Infinity, count: 0, limit: Infinity, one: 1 }, {
    size: SIZE,
    count: COUNT,
    limit: LIMIT,
    one: LIMIT,
  });
});

Deno.test("one of some texts is any of them, and nothing else", () => {
  const side = oneOf("left", "right", "both");
  assertEquals(side.name, '"left", "right" or "both"');
  assertEquals(["left", "both", "top", null, ["left"]].map(side.test), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(oneOf("on", "off").name, '"on" or "off"');
});

Deno.test("value of any kind is named in the error about it", () => {
  const cases: readonly [value: unknown, name: string][] = [
    ["5", '"5"'],
    [null, "null"],
    [Symbol("five"), "Symbol(five)"],
    [() => {}, "the function"],
    [["a", 1], '["a", 1]'],
    [{}, "an object of class Object"],
    [new Map(), "an object of class Map"],
    [Object.create(null), "an object of class unknown"],
  ];
  for (const [value, name] of cases) {
    const error = assertThrows(() => checkOptions({ maxSize: value }, TYPES), TypeError);
    assertEquals(
      error.message,
      `Cannot use ${name} as the option "maxSize": expected a number from 0`,
    );
  }
});
