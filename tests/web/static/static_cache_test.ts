import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { FileCache } from "../../../src/web/static/file_cache.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { bothWays } from "../../support/serve.ts";
import { FakeTime, LONG_AGO, MemoryFiles, staticTree } from "./static_tree.ts";

const ROOT = { path: "/www", followSymlinks: false };

const tree = staticTree({ "changing.txt": "first" });

function memory(
  files: MemoryFiles,
  settings: ApplicationSettings = {},
): (path: string) => Promise<Response> {
  const app = new Application([], { staticPath: "/www", platform: files.platform, ...settings });
  return async (path) => await app.fetch(new Request(`http://localhost${path}`));
}

bothWays(
  "static file that changes is sent as it is at the next request",
  () => new Application([], { staticPath: tree.path }),
  async (fetch) => {
    const seen = new Set<string | null>();
    // Of the same length, and faster than any clock of a file system.
    for (const content of ["aaaaa", "bbbbb", "ccccc", "", "ddddd"]) {
      tree.write("changing.txt", content);
      const response = await fetch("/static/changing.txt");
      assertEquals(await response.text(), content);
      seen.add(response.headers.get("etag"));
    }
    assertEquals(seen.size, 5);
  },
);

bothWays(
  "static file that is replaced by another is sent as the other",
  () => new Application([], { staticPath: tree.path }),
  async (fetch) => {
    tree.write("changing.txt", "first");
    assertEquals(await (await fetch("/static/changing.txt")).text(), "first");
    tree.write("new.txt", "other");
    Deno.renameSync(`${tree.path}/new.txt`, `${tree.path}/changing.txt`);
    assertEquals(await (await fetch("/static/changing.txt")).text(), "other");
    Deno.removeSync(`${tree.path}/changing.txt`);
    assertEquals((await fetch("/static/changing.txt")).status, 404);
    tree.write("changing.txt", "again");
    assertEquals(await (await fetch("/static/changing.txt")).text(), "again");
  },
);

Deno.test("static file is read once, and looked at ten times a second", async () => {
  using clock = new FakeTime();
  const files = new MemoryFiles();
  files.write("/www/a.txt", "content");
  const get = memory(files);
  const first = await get("/static/a.txt");
  const { reads } = files;
  for (
    const [ms, looks] of [[0, 0], [99, 0], [1, 1], [99, 0], [1, 1], [-5_000, 1], [0, 0]] as const
  ) {
    clock.tick(ms);
    const { stats } = files;
    const response = await get("/static/a.txt");
    assertEquals(response.headers.get("etag"), first.headers.get("etag"));
    assertEquals(await response.text(), "content");
    // Its three siblings are looked for when the clock jumps.
    assertEquals(files.stats - stats, ms < 0 ? looks + 3 : looks, `after ${ms} ms`);
  }
  assertEquals(files.reads, reads);
});

Deno.test("static file is read again when its size, time or identity changes", async () => {
  using clock = new FakeTime();
  const files = new MemoryFiles();
  const get = memory(files);
  const text = async () => await (await get("/static/a.txt")).text();
  const versions = [
    ["one", {}],
    ["three", {}],
    ["two", { mtime: LONG_AGO + 1 }],
    ["six", { mtime: LONG_AGO + 1, stat: { ino: 7 } }],
    ["ten", { mtime: LONG_AGO + 1, stat: { ino: 7, ctime: LONG_AGO } }],
  ] as const;
  for (const [content, rest] of versions) {
    files.write("/www/a.txt", content, rest);
    clock.tick(100);
    assertEquals(await text(), content);
  }
  files.write("/www/a.txt", "late");
  assertEquals(await text(), "ten");
});

Deno.test("static file that changed a moment ago is not trusted yet", async () => {
  const files = new MemoryFiles();
  const get = memory(files);
  for (const age of [0, 1_500, -60_000]) {
    const rest = { mtime: Date.now() - age };
    files.write("/www/a.txt", "one", rest);
    assertEquals(await (await get("/static/a.txt")).text(), "one");
    files.write("/www/a.txt", "two", rest);
    assertEquals(await (await get("/static/a.txt")).text(), "two");
  }
});

Deno.test("static file is read on every request with debug, or without the cache", async () => {
  for (const settings of [{ debug: true }, { staticHashCache: false }, { staticCacheSize: 0 }]) {
    const files = new MemoryFiles();
    const get = memory(files, settings);
    for (const content of ["one", "two", "six"]) {
      files.write("/www/a.txt", content);
      assertEquals(await (await get("/static/a.txt")).text(), content);
    }
  }
  const files = new MemoryFiles();
  files.write("/www/a.txt", "one");
  const get = memory(files, { debug: true, staticHashCache: true });
  await get("/static/a.txt");
  files.write("/www/a.txt", "two");
  assertEquals(await (await get("/static/a.txt")).text(), "one");
});

Deno.test("static file is forgotten by reset()", async () => {
  const files = new MemoryFiles();
  files.write("/www/a.txt", "one");
  const settings = { staticPath: "/www", platform: files.platform };
  const version = StaticFileHandler.getVersion(settings, "a.txt");
  files.write("/www/a.txt", "two");
  assertEquals(StaticFileHandler.getVersion(settings, "a.txt"), version);
  StaticFileHandler.reset();
  assertNotEquals(StaticFileHandler.getVersion(settings, "a.txt"), version);
  await Promise.resolve();
});

Deno.test("static files of two applications are remembered apart", async () => {
  const [one, two] = [new MemoryFiles(), new MemoryFiles()];
  one.write("/www/a.txt", "one");
  two.write("/www/a.txt", "two");
  const [first, second] = [memory(one), memory(two)];
  assertEquals(await (await first("/static/a.txt")).text(), "one");
  assertEquals(await (await second("/static/a.txt")).text(), "two");
});

Deno.test("file cache stays within its size, and keeps what is used", () => {
  const files = new MemoryFiles();
  const cache = new FileCache(files, { maxSize: 50_000 });
  files.write("/www/used.txt", "x".repeat(1_000));
  cache.open("/www/used.txt", ROOT);
  for (let i = 0; i < 200; i++) {
    const path = `/www/${i}.txt`;
    files.write(path, "x".repeat(i * 20));
    cache.open(path, ROOT);
    cache.open("/www/used.txt", ROOT);
    assert(cache.size <= 50_000);
  }
  const { reads } = files;
  assertEquals(reads, 201);
  cache.open("/www/used.txt", ROOT);
  assertEquals(files.reads, reads);
  cache.open("/www/0.txt", ROOT);
  assertEquals(files.reads, reads + 1);
});

Deno.test("file cache keeps nothing that is larger than itself", () => {
  const files = new MemoryFiles();
  files.write("/www/a.txt", "x".repeat(10_000));
  const cache = new FileCache(files, { maxSize: 5_000 });
  assertEquals(cache.open("/www/a.txt", ROOT)?.content, "x".repeat(10_000));
  assertEquals(cache.size, 0);
});

Deno.test("file cache forgets a file that is gone", () => {
  using clock = new FakeTime();
  const files = new MemoryFiles();
  files.write("/www/a.txt", "a");
  const cache = new FileCache(files, { maxSize: 5_000 });
  cache.open("/www/a.txt", ROOT);
  assert(cache.size > 0);
  delete files.files["/www/a.txt"];
  clock.tick(100);
  assertEquals(cache.open("/www/a.txt", ROOT), null);
  assertEquals(cache.size, 0);
});

Deno.test("file cache does not hold a file that changes while it is read", () => {
  const files = new MemoryFiles();
  files.write("/www/a.txt", "abc", { stat: { size: 5 } });
  const cache = new FileCache(files, { maxSize: 5_000 });
  assertEquals(cache.open("/www/a.txt", ROOT)?.content, null);
});

Deno.test("file cache does not read a file outside the root", () => {
  const files = new MemoryFiles();
  files.write("/www/a.txt", "secret", { realPath: "/etc/a.txt" });
  const cache = new FileCache(files, { maxSize: 5_000 });
  assertEquals(cache.open("/www/a.txt", ROOT)?.content, null);
  assertEquals(files.reads, 0);
  assertEquals(cache.size, 0);
});
