import { assert, assertEquals } from "@std/assert";
import { contentType } from "@std/media-types";
import { Application } from "../../../src/web/application.ts";
import { staticTree } from "./static_tree.ts";
import { mediaTypeOf } from "../../../src/web/static/media_type.ts";

const tree = staticTree({ "a.mine": "x" });

Deno.test("media type is that of the last extension", () => {
  const types = {
    "/a.html": "text/html; charset=UTF-8",
    "/a.min.CSS": "text/css; charset=UTF-8",
    "/a.json": "application/json; charset=UTF-8",
    "/a.svg": "image/svg+xml",
    "/a.wasm": "application/wasm",
    "/a.tar.gz": "application/gzip",
    "/a.css.br": "application/octet-stream",
    "C:\\www\\a.png": "image/png",
    "/a.constructor": "application/octet-stream",
    "/a.": "application/octet-stream",
    "/.html": "application/octet-stream",
    "/a.b/c": "application/octet-stream",
    "": "application/octet-stream",
  };
  for (const [path, type] of Object.entries(types)) assertEquals(mediaTypeOf(path), type, path);
});

Deno.test("media types are those of the full list, where the table has them", () => {
  const extensions =
    "atom css csv docx gif html ico jpg js json map md mjs mp3 mp4 ogg otf pdf png " +
    "svg ts ttf txt vtt wasm wav webm webmanifest webp woff2 xhtml xml yml zip 7z";
  for (const each of extensions.split(" ")) {
    assertEquals(mediaTypeOf(`/a.${each}`), contentType(`.${each}`), each);
  }
});

Deno.test("setting mediaTypes is asked before the table", async () => {
  assertEquals(mediaTypeOf("/a.sldx"), "application/octet-stream");
  assert(mediaTypeOf("/a.sldx", contentType).startsWith("application/vnd.openxmlformats"));
  assertEquals(mediaTypeOf("/a.txt", () => null), "text/plain; charset=UTF-8");
  const app = new Application([], {
    staticPath: tree.path,
    mediaTypes: (extension) => extension === ".mine" ? "text/x-mine" : undefined,
  });
  const response = await app.fetch(new Request("http://localhost/static/a.mine"));
  assertEquals([response.headers.get("content-type"), await response.text()], ["text/x-mine", "x"]);
});
