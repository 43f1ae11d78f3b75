import { assertEquals, assertThrows } from "@std/assert";
import { levelsOver, parseLevels, sameLevel, severitiesFrom } from "../../src/log/levels.ts";

const INFO = sameLevel("info");

Deno.test("one level is that of all loggers", () => {
  assertEquals(parseLevels("debug", INFO), sameLevel("debug"));
  assertEquals(parseLevels(" WARN ", INFO), sameLevel("warning"));
  assertEquals(parseLevels("", INFO), INFO);
});

Deno.test("a level with a name is that of one logger, wherever it stands", () => {
  const expected = { access: "off", application: "error", general: "debug" };
  assertEquals(parseLevels("access=off, general=debug,error", INFO), expected);
  assertEquals(parseLevels("error,access=off,general=debug", INFO), expected);
});

Deno.test("an unknown level or logger is a SyntaxError that names what was meant", () => {
  const read = (text: string) => () => parseLevels(text, INFO);
  const start = 'Cannot use GUSTNADO_LOG="';
  assertThrows(
    read("debgu"),
    SyntaxError,
    `${start}debgu": unknown level "debgu"; did you mean "d`,
  );
  assertThrows(read("loud"), SyntaxError, 'unknown level "loud"; there is debug, info, warning, ');
  assertThrows(read("acess=off"), SyntaxError, 'unknown logger "acess"; did you mean "access"?');
  assertThrows(read("access="), SyntaxError, 'unknown level ""');
});

Deno.test("levels of a program leave those alone that it does not name", () => {
  assertEquals(levelsOver(INFO, { access: "off" }), { ...INFO, access: "off" });
  assertEquals(levelsOver(INFO, "error"), sameLevel("error"));
});

Deno.test("a level lets through what is as important, or more", () => {
  assertEquals(severitiesFrom("warning"), ["warning", "error"]);
  assertEquals(severitiesFrom("off"), []);
});
