/** What is known of settings on Workers, where parts bring their tables along. */
import { assertEquals } from "@std/assert";
import { APPLICATION_SETTINGS } from "../../src/web/application_settings.ts";
import { settingTypes } from "../../src/web/application_settings_on_workers.ts";
import type { OptionTypes } from "../../src/checks/option_check.ts";

function secretsIn(types: OptionTypes): string[] {
  return Object.keys(types).filter((name) => types[name]?.secret).sort();
}

Deno.test("the modules for Workers know the name of every setting, though its part is not there", () => {
  assertEquals(Object.keys(settingTypes()).sort(), Object.keys(APPLICATION_SETTINGS).sort());
});

Deno.test("the modules for Workers know every setting that is a secret", () => {
  assertEquals(secretsIn(settingTypes()), secretsIn(APPLICATION_SETTINGS));
});
