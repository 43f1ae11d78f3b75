import { assertEquals, assertLessOrEqual } from "@std/assert";
import { gzipSync } from "node:zlib";
import { TOPIC_CLIENT_TEXT } from "../../../src/topics/handlers/topic_client_text.ts";

const ROOT = new URL("../../../", import.meta.url);
/** Bytes that a page pays for it at most. */
const BUDGET = 4_500;

Deno.test(`the browser's client has at most ${BUDGET} bytes, minified and compressed`, () => {
  assertLessOrEqual(gzipSync(TOPIC_CLIENT_TEXT, { level: 9 }).length, BUDGET);
});

Deno.test("what servers hand to pages is made of the sources as they are: deno task browser", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const args = ["task", "--quiet", "browser", folder];
    const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
    assertEquals(success, true);
    for (const name of ["topic_client_text.ts", "topic_client_version.ts"]) {
      assertEquals(
        await Deno.readTextFile(new URL(`src/topics/handlers/${name}`, ROOT)),
        await Deno.readTextFile(`${folder}/${name}`),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the browser's client imports nothing of the house, and no package", async () => {
  const entry = new URL("src/topics/browser/mod.ts", ROOT).href;
  const args = ["info", "--json", "--no-config", entry];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string }[];
  };
  const folder = new URL(".", entry).href;
  assertEquals(modules.filter(({ specifier }) => !specifier.startsWith(folder)), []);
});
