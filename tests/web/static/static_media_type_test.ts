import { assertEquals, assertThrows } from "@std/assert";
import { loadMediaTypes, mediaTypeOf } from "../../../src/web/static/media_type.ts";

Deno.test("media types are loaded when they are first needed, once", async () => {
  assertThrows(() => mediaTypeOf("/a.txt"), Error, "no types loaded");
  const loading = loadMediaTypes();
  assertEquals(loading instanceof Promise, true);
  assertEquals(loadMediaTypes(), loading);
  await loading;
  assertEquals(loadMediaTypes(), undefined);
});

Deno.test("media type is that of the last extension", async () => {
  await loadMediaTypes();
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
