import { assertEquals, assertThrows } from "@std/assert";
import { escape, locale, Template } from "../../mod.ts";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { Loader } from "../../src/template/loaders/loader.ts";
import { PrecompiledLoader } from "../../src/template/loaders/precompiled_loader.ts";

const english = new locale.Locale("en");

/** What takes options, an option that it has not, and values that it refuses. */
const DOORS: [name: string, door: (options: object) => unknown, bad: Record<string, unknown[]>][] =
  [
    ["linkify", (options) => escape.linkify("a", options), {
      shorten: ["yes", 1],
      requireProtocol: [0],
      extraParams: [1, null],
      permittedProtocols: ["http", 1, {}],
    }],
    ["urlEscape", (options) => escape.urlEscape("a", options), { plus: [1, "no"] }],
    ["urlUnescape", (options) => escape.urlUnescape("a", options), { plus: [1], encoding: [8] }],
    ["urlUnescapeBytes", (options) => escape.urlUnescapeBytes("a", options), { plus: [1] }],
    ["parseQsBytes", (options) => escape.parseQsBytes("a=1", options), {
      keepBlankValues: [1],
      maxFields: [NaN, -1, "5", 0],
    }],
    ["formatDate", (options) => english.formatDate(0, options), {
      gmtOffset: [NaN, Infinity, "60", null],
      timeZone: [1],
      relative: [1],
      shorter: ["no"],
      fullFormat: [0],
    }],
    ["formatDay", (options) => english.formatDay(0, options), { gmtOffset: [NaN], dow: [1] }],
    ["loadTranslations", (options) => locale.loadTranslations("nowhere", options), {
      encoding: [8],
    }],
    ["Template", (options) => new Template("", options), {
      name: [1],
      loader: ["templates"],
      autoescape: [true],
    }],
    ["DictLoader", (options) => new DictLoader({}, options), {
      autoescape: [false, 1],
      namespace: [1, null],
      imports: ["fs"],
    }],
    ["Loader", (options) => new Loader("templates", options), { autoescape: [1] }],
    ["PrecompiledLoader", (options) => new PrecompiledLoader({}, options), { namespace: [1] }],
  ];

for (const [name, door, bad] of DOORS) {
  Deno.test(`${name} refuses options that it does not know or cannot use`, () => {
    assertThrows(() => door({ maxSise: 1 }), TypeError, 'Unknown option "maxSise"');
    for (const [option, values] of Object.entries(bad)) {
      for (const value of values) {
        assertThrows(
          () => door({ [option]: value }),
          TypeError,
          `the option "${option}": expected`,
        );
      }
    }
  });
}

Deno.test("loader of compiled templates refuses what was settled when they were compiled", () => {
  const options = { namespace: {}, autoescape: null };
  assertThrows(() => new PrecompiledLoader({}, options), TypeError, 'Unknown option "autoescape"');
});

Deno.test("option that is undefined is not given", () => {
  assertEquals(escape.urlEscape("a b", Object({ plus: undefined })), "a+b");
  assertEquals(english.formatDay(0, Object({ gmtOffset: undefined })), "Thursday, January 1");
});
