/** What the shaking of bundles knows of the library. */
import { assertEquals } from "@std/assert";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { objectMakersIn } from "../../../src/build/shaking/object_makers.ts";
import { GIVE_SETTINGS } from "../../../src/build/shaking/shake.ts";
import { TARGETS } from "../../../src/build/target.ts";
import { hibernatingPlatform } from "../../../src/platform/workers/hibernating_platform.ts";
import { workersPlatform } from "../../../src/platform/workers/workers_platform.ts";

const SRC = new URL("../../../src/", import.meta.url).pathname;

Deno.test("modules that make applications with settings of their own are known", async () => {
  const found: string[] = [];
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  for (const path of files.filter((name) => name.endsWith(".ts")).map((name) => join(SRC, name))) {
    const code = (await Deno.readTextFile(path)).replace(/\/\*[^]*?\*\/|\/\/.*|`[^`]*`/g, "");
    if (/(?:new Application\([^)]*|\.createApplication\()\{/.test(code)) found.push(path);
  }
  const names = (paths: readonly string[]) => paths.map((path) => relative(SRC, path)).sort();
  const makers = found.filter((path) => !/\/src\/(?:init|testing)\//.test(path));
  assertEquals(names(makers), names(GIVE_SETTINGS));
});

/** A function that makes a platform, or a part of one. */
const MAKER =
  /function (\w+)\([^)]*\): (?:Platform|FileSystem|PlatformConsole) \{\n(?: {2}(?!return).*\n)* {2}return \{/g;

Deno.test("functions that make platforms, and parts of them, are known", async () => {
  const folder = join(SRC, "platform");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (
    // Those for other bundlers take no part in a build.
    const path of files.filter((name) => /(?<!_on_workers)\.ts$/.test(name))
      .map((name) => join(folder, name))
  ) {
    const found = [...(await Deno.readTextFile(path)).matchAll(MAKER)].map(([, name = ""]) => name);
    assertEquals([...objectMakersIn(path)].sort(), found.sort(), path);
  }
});

const NO_SOCKETS = {
  revived: () => undefined,
  accept(): never {
    throw new Error("no socket comes");
  },
};

Deno.test("what Workers are known to answer is what they answer", () => {
  for (const platform of [workersPlatform(), hibernatingPlatform(NO_SOCKETS)]) {
    const answers = Object.entries(TARGETS.workers.platformCalls).map(([name, answer]) => {
      const member: unknown = Reflect.get(platform, name);
      const given: unknown = typeof member === "function"
        ? member(new Request("http://a/"))
        : member;
      return [name, given === undefined ? "void 0" : String(given), answer];
    });
    assertEquals(answers.filter(([, given, answer]) => given !== answer), []);
  }
});
