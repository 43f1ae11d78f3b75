import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { denoPlatform } from "../../../src/platform/deno/deno_platform.ts";
import { nodeFiles } from "../../../src/platform/node/node_files.ts";

async function withFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("files of Node are told as those of Deno", async () => {
  const [deno, node] = [denoPlatform().files, nodeFiles()];
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.txt`, "Hello");
    await Deno.symlink("a.txt", `${folder}/link`);
    await Deno.symlink("loop", `${folder}/loop`);
    const names = [
      "",
      "/a.txt",
      "/link",
      "/loop",
      "/none",
      "/a.txt/below",
      "/\0",
      "/x".repeat(400),
    ];
    for (const path of [...names.map((name) => folder + name), `${folder}/${"x".repeat(300)}`]) {
      assertEquals(node.stat(path), deno.stat(path), path);
      assertEquals(node.realPath(path), deno.realPath(path), path);
    }
    assertEquals(await node.readFile(`${folder}/a.txt`), await deno.readFile(`${folder}/a.txt`));
    assertEquals(node.readFileSync(`${folder}/a.txt`), deno.readFileSync(`${folder}/a.txt`));
    assert(!(node.readFileSync(`${folder}/a.txt`) instanceof (await import("node:buffer")).Buffer));
  });
  assertEquals(node.windows, deno.windows);
});

Deno.test("range of a file is read by Node in pieces", async () => {
  await withFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    await Deno.writeFile(`${folder}/big`, bytes);
    const read = async (start: number, end: number) =>
      new Uint8Array(
        await new Response(nodeFiles().readRange(`${folder}/big`, start, end)).arrayBuffer(),
      );
    assertEquals(await read(0, 300_000), bytes);
    assertEquals(await read(7, 200_001), bytes.subarray(7, 200_001));
    assertEquals(await read(299_999, 400_000), bytes.subarray(299_999), "it ends before");
    assertEquals(await read(5, 5), new Uint8Array());
  });
});

Deno.test("range that nobody reads to its end leaves no file open", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/big`, new Uint8Array(300_000));
    const reader = nodeFiles().readRange(`${folder}/big`, 0, 300_000).getReader();
    assertEquals((await reader.read()).value?.length, 128 * 1024);
    await reader.cancel();
  });
});

Deno.test("file of Node that is not there cannot be read", async () => {
  assertThrows(() => nodeFiles().readFileSync("/none"), Error, "ENOENT");
  await assertRejects(() => nodeFiles().readFile("/none"), Error, "ENOENT");
  await assertRejects(
    () => new Response(nodeFiles().readRange("/none", 0, 1)).arrayBuffer(),
    Error,
    "ENOENT",
  );
});
