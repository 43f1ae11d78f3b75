import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  embeddedBytes,
  embeddedFiles,
  embeddedText,
  overlaidFiles,
} from "../../src/platform/embedded_files.ts";

const FILES = embeddedFiles(
  new Map([
    ["/app/static/a.css", embeddedText("é {}", 5, 1000)],
    ["/app/static/deep/b.bin", embeddedBytes("AP8B", 3, null)],
  ]),
);

async function textOf(stream: ReadableStream<Uint8Array>): Promise<number[]> {
  return (await Array.fromAsync(stream)).flatMap((chunk) => [...chunk]);
}

Deno.test("embedded files have their content, their size and their time", async () => {
  assertEquals(FILES.readFileSync("/app/static/a.css"), new TextEncoder().encode("é {}"));
  assertEquals(await FILES.readFile("/app/static/deep/b.bin"), new Uint8Array([0, 255, 1]));
  const { isFile, isDirectory, size, mtime } = FILES.stat("/app/static/a.css") ?? {};
  assertEquals([isFile, isDirectory, size, mtime], [true, false, 5, 1000]);
});

Deno.test("folders of embedded files are there, and nothing else", () => {
  assertEquals(FILES.stat("/app/static/deep")?.isDirectory, true);
  assertEquals(FILES.stat("/app/static/none"), null);
  assertEquals([FILES.realPath("/app/static"), FILES.realPath("/app/none")], ["/app/static", null]);
});

Deno.test("a part of an embedded file is read", async () => {
  assertEquals(await textOf(FILES.readRange("/app/static/deep/b.bin", 1, 3)), [255, 1]);
  assertEquals(await textOf(FILES.readRange("/app/static/deep/b.bin", 3, 3)), []);
});

Deno.test("an embedded file that is not there is an error", async () => {
  const message = 'Cannot read "/app/none": there is no such file in the bundle';
  assertThrows(() => FILES.readFileSync("/app/none"), Error, message);
  await assertRejects(() => FILES.readFile("/app/none"), Error, message);
});

Deno.test("what is below an embedded folder is looked for in the bundle only", () => {
  const asked: string[] = [];
  const runtime = { ...FILES, stat: (path: string) => (asked.push(path), null) };
  const files = overlaidFiles(FILES, { roots: ["/app/static"], base: "/app", runtime });
  assertEquals(files.stat("static/a.css")?.size, 5);
  assertEquals(files.stat("/app/static/../static/./a.css")?.size, 5);
  assertEquals([files.stat("/app/static/none"), asked], [null, []]);
  assertEquals([files.stat("/app/statics"), files.stat("/app/static/../../etc")], [null, null]);
  assertEquals(asked, ["/app/statics", "/app/static/../../etc"]);
});
