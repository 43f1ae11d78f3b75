import { assertEquals } from "@std/assert";
import {
  BOOLEAN,
  settingOf,
  type SettingTable,
  SIZE,
  STRING,
} from "../../src/checks/option_check.ts";

interface Settings {
  size?: number;
  loud?: boolean;
  name?: string;
}

const TABLE: SettingTable<Settings, "name"> = {
  size: { ...SIZE, default: 5 },
  loud: { ...BOOLEAN, default: true },
  name: STRING,
};

Deno.test("setting is what was set, also where that is falsy, and else its default", () => {
  assertEquals(settingOf(TABLE, { size: 0 }, "size"), 0);
  assertEquals(settingOf(TABLE, { loud: false }, "loud"), false);
  assertEquals(settingOf<Settings, "size">(TABLE, {}, "size"), 5);
  assertEquals(settingOf<Settings, "loud">(TABLE, { size: 1 }, "loud"), true);
});

Deno.test("table of settings has a row for each, and a default unless it is named as unset", () => {
  // @ts-expect-error -- the name is missing
  const missing: SettingTable<Settings, "name"> = { size: TABLE.size, loud: TABLE.loud };
  const strange: SettingTable<Settings, "name"> = {
    ...TABLE,
    // @ts-expect-error -- there is no such setting
    colour: STRING,
  };
  // @ts-expect-error -- the size has no default
  const bare: SettingTable<Settings, "name"> = { ...TABLE, size: SIZE };
  // @ts-expect-error -- its default is no number
  const wrong: SettingTable<Settings, "name"> = { ...TABLE, size: { ...SIZE, default: "5" } };
  // @ts-expect-error -- the name has no default
  const read = () => settingOf<Settings, "name">(TABLE, {}, "name");
  assertEquals([missing, strange, bare, wrong, read].length, 5);
});
