import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnsupportedFeatureError } from "../../src/platform/standard.ts";
import { isWorkers, workersPlatform } from "../../src/platform/workers.ts";

Deno.test("workers platform is told from this one, and lacks what the web lacks", () => {
  assert(!isWorkers());
  const platform = workersPlatform();
  assertEquals(platform.name, "workerd");
  assertThrows(() => platform.exit(0), UnsupportedFeatureError, "the end of the process");
});
