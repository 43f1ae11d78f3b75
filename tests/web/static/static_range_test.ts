import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { selectRange } from "../../../src/web/static/static_range.ts";
import { bothWays } from "../../support/serve.ts";
import { staticTree } from "./static_tree.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** Large enough to be streamed, in pieces that are not those of the reader. */
const LARGE = new Uint8Array(200_000).map((_, index) => index % 251);

const tree = staticTree({ "letters.txt": LETTERS, "large.bin": LARGE, "empty.txt": "" });
const app = () => new Application([], { staticPath: tree.path });
const compressing = () => new Application([], { staticPath: tree.path, compressResponse: true });

bothWays("range of a static file is a 206 of these bytes", app, async (fetch) => {
  const cases = [
    ["bytes=0-9", "abcdefghij", "0-9"],
    ["bytes=10-10", "k", "10-10"],
    ["bytes=20-", "uvwxyz", "20-25"],
    ["bytes=20", "uvwxyz", "20-25"],
    ["bytes=-4", "wxyz", "22-25"],
    ["bytes=20-1000", "uvwxyz", "20-25"],
    ["bytes=0-24", LETTERS.slice(0, -1), "0-24"],
    ["Bytes=1-2", "bc", "1-2"],
  ] as const;
  for (const [range, body, part] of cases) {
    const response = await fetch("/static/letters.txt", { headers: { range } });
    assertEquals(response.status, 206, range);
    assertEquals(await response.text(), body, range);
    assertEquals(response.headers.get("content-range"), `bytes ${part}/26`);
    assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
  }
});

bothWays("range that is the whole static file is a 200", app, async (fetch) => {
  for (const range of ["bytes=0-", "bytes=0-25", "bytes=0-1000", "bytes=-26", "bytes=-27"]) {
    const response = await fetch("/static/letters.txt", { headers: { range } });
    assertEquals(response.status, 200, range);
    assertEquals(response.headers.get("content-range"), null);
    assertEquals(await response.text(), LETTERS);
  }
});

bothWays("range that a static file does not have is a 416", app, async (fetch) => {
  for (const range of ["bytes=26-", "bytes=26-30", "bytes=-0", "bytes=9-8"]) {
    const response = await fetch("/static/letters.txt", { headers: { range } });
    assertEquals(response.status, 416, range);
    assertEquals(response.headers.get("content-range"), "bytes */26");
    assertEquals(response.headers.get("content-type"), "text/plain");
    assertEquals(await response.text(), "");
  }
  const empty = await fetch("/static/empty.txt", { headers: { range: "bytes=0-" } });
  assertEquals(empty.status, 416);
  assertEquals(empty.headers.get("content-range"), "bytes */0");
});

bothWays("range that is refused is not kept by the client", app, async (fetch) => {
  const version = (await fetch("/static/letters.txt")).headers.get("etag")?.slice(1, -1);
  const path = `/static/letters.txt?v=${version}`;
  const response = await fetch(path, { headers: { range: "bytes=99-" } });
  assertEquals(response.status, 416);
  assertEquals(response.headers.get("cache-control"), null);
});

bothWays("range that cannot be read is ignored", app, async (fetch) => {
  const ranges = [
    "asdf",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "lines=0-1",
    "bytes=0-1,3-4",
    "bytes=+1-2",
    "bytes=1_0-2",
  ];
  for (const range of ranges) {
    const response = await fetch("/static/letters.txt", { headers: { range } });
    assertEquals(response.status, 200, range);
    assertEquals(await response.text(), LETTERS);
  }
});

bothWays("range of a large static file is streamed", app, async (fetch) => {
  const cases = [["bytes=1-1", 1, 2], ["bytes=65000-140000", 65_000, 140_001], [
    "bytes=-5",
    199_995,
    200_000,
  ]] as const;
  for (const [range, start, end] of cases) {
    const response = await fetch("/static/large.bin", { headers: { range } });
    assertEquals(response.status, 206);
    assertEquals(response.headers.get("content-length"), String(end - start));
    assertEquals(await response.bytes(), LARGE.slice(start, end));
  }
});

bothWays("part of a static file has the tag of the whole", app, async (fetch) => {
  const whole = (await fetch("/static/letters.txt")).headers.get("etag");
  const part = await fetch("/static/letters.txt", { headers: { range: "bytes=1-2" } });
  assertEquals(part.headers.get("etag"), whole);
});

bothWays("range is ignored for HEAD", app, async (fetch) => {
  for (const range of ["bytes=1-4", "bytes=99-"]) {
    const response = await fetch("/static/letters.txt", { method: "HEAD", headers: { range } });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-length"), "26");
    assertEquals(response.headers.get("content-range"), null);
    assertEquals((await response.bytes()).length, 0);
  }
});

class Extra extends StaticFileHandler {
  override setDefaultHeaders(): void {
    this.setHeader("X-Default", "1");
  }
  override setExtraHeaders(): void {
    this.setHeader("X-Extra", "1");
    this.addHeader("X-Extra", "2");
    this.setHeader("Cache-Control", "private");
    this.setCookie("seen", "1");
  }
}

bothWays(
  "range that is refused keeps the extra header fields",
  () => new Application([], { staticPath: tree.path, staticHandlerClass: Extra }),
  async (fetch) => {
    for (const [range, status] of [["bytes=99-", 416], ["bytes=1-2", 206]] as const) {
      const response = await fetch("/static/letters.txt", { headers: { range } });
      assertEquals(response.status, status);
      await response.bytes();
      assertEquals(response.headers.get("x-default"), "1");
      assertEquals(response.headers.get("x-extra"), "1, 2");
      assertEquals(response.headers.get("cache-control"), "private");
      assertEquals(response.headers.getSetCookie(), ["seen=1; Path=/"]);
    }
  },
);

bothWays("range holds only where If-Range names what is there", app, async (fetch) => {
  const { headers } = await fetch("/static/letters.txt");
  const etag = headers.get("etag") ?? "";
  const modified = headers.get("last-modified") ?? "";
  const status = async (ifRange: string, range = "bytes=1-2") =>
    (await fetch("/static/letters.txt", { headers: { range, "if-range": ifRange } })).status;
  assertEquals(await status(etag), 206);
  assertEquals(await status(modified), 206);
  assertEquals(await status(`W/${etag}`), 200);
  assertEquals(await status('"other"'), 200);
  assertEquals(await status(new Date(0).toUTCString()), 200);
  assertEquals(await status(new Date(Date.parse(modified) + 1_000).toUTCString()), 200);
  assertEquals(await status("nonsense"), 200);
  assertEquals(await status('"other"', "bytes=99-"), 200);
  assertEquals(await status(etag, "bytes=99-"), 416);
});

bothWays("range is not compressed", compressing, async (fetch) => {
  const headers = { range: "bytes=0-9", "accept-encoding": "gzip" };
  const response = await fetch("/static/letters.txt", { headers });
  assertEquals(response.status, 206);
  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(await response.text(), LETTERS.slice(0, 10));
});

Deno.test("range of a representation is a part of it, never the whole", () => {
  const representation = { etag: null, modified: null };
  fc.assert(fc.property(fc.nat(50), fc.nat(60), fc.nat(60), (size, first, last) => {
    for (const header of [`bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`]) {
      const range = selectRange({ header, ifRange: null }, { ...representation, size });
      if (range === null || range === "unsatisfiable") continue;
      const { start, end } = range;
      assertEquals(0 <= start && start < end && end <= size && end - start < size, true);
    }
  }));
});
