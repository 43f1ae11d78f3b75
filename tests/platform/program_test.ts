import process from "node:process";
import { assertEquals } from "@std/assert";
import { isMain } from "../../src/platform/program.ts";

Deno.test("main module is the one that the runtime says, or the file that was started", async () => {
  assertEquals(isMain({ main: true, url: "file:///a.js" }), true);
  assertEquals(isMain({ main: false, url: "file:///a.js" }), false);
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  const { argv } = process;
  const [, before = ""] = argv;
  try {
    const [file, link] = [`${await Deno.realPath(folder)}/a b.js`, `${folder}/link`];
    await Deno.writeTextFile(file, "");
    await Deno.symlink(file, link);
    const url = new URL(`file://${file}`).href;
    for (const [started, expected] of [[file, true], [link, true], [`${file}x`, false]] as const) {
      argv[1] = started;
      assertEquals(isMain({ url }), expected, started);
    }
  } finally {
    argv[1] = before;
    await Deno.remove(folder, { recursive: true });
  }
});
