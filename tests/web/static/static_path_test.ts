import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import {
  isPossiblePath,
  isServableName,
  isWithin,
  joinPath,
  tidyPath,
} from "../../../src/web/static/static_path.ts";

const POSIX = { windows: false };
const WINDOWS = { windows: true };

Deno.test("path is tidied of empty parts, dots and dot-dots", () => {
  const cases = [
    ["/www/static", "/www/static"],
    ["/www/static/", "/www/static"],
    ["/www//static", "/www/static"],
    ["/www/./static/.", "/www/static"],
    ["/www/old/../static", "/www/static"],
    ["/../../etc", "/etc"],
    ["/", "/"],
    ["//", "/"],
    ["static", "static"],
    ["./static", "static"],
    ["../static", "../static"],
    ["a/../../b", "../b"],
    [".", "."],
    ["", ""],
    ["a/..", "."],
    ["/www/..hidden/...", "/www/..hidden/..."],
  ] as const;
  for (const [path, expected] of cases) assertEquals(tidyPath(path, POSIX), expected, path);
});

Deno.test("path of Windows keeps its drive or its host", () => {
  const cases = [
    ["C:\\www\\static\\", "C:\\www\\static"],
    ["C:/www/./static", "C:\\www\\static"],
    ["C:\\www\\..\\..\\..\\x", "C:\\x"],
    ["\\\\host\\share\\a\\..\\b", "\\\\host\\share\\b"],
    ["www/static", "www\\static"],
    ["\\www", "\\www"],
  ] as const;
  for (const [path, expected] of cases) assertEquals(tidyPath(path, WINDOWS), expected, path);
});

Deno.test("path that is absolute takes the place of the root", () => {
  assertEquals(joinPath("/www", "a/b.txt", POSIX), "/www/a/b.txt");
  assertEquals(joinPath("/", "a.txt", POSIX), "/a.txt");
  assertEquals(joinPath("/www", "", POSIX), "/www");
  assertEquals(joinPath("/www", "/etc/passwd", POSIX), "/etc/passwd");
  assertEquals(joinPath("C:\\www", "D:\\x", WINDOWS), "D:\\x");
  assertEquals(joinPath("C:\\www", "\\x", WINDOWS), "\\x");
});

Deno.test("path is within a root only behind a separator", () => {
  assert(isWithin("/www/static", "/www/static", POSIX));
  assert(isWithin("/www/static", "/www/static/a", POSIX));
  assertFalse(isWithin("/www/static", "/www/static_foo.txt", POSIX));
  assertFalse(isWithin("/www/static", "/www", POSIX));
  assert(isWithin("/", "/etc/passwd", POSIX));
  assert(isWithin("C:\\", "C:\\a", WINDOWS));
  assertFalse(isWithin("C:\\a", "C:\\ab", WINDOWS));
});

Deno.test("path that is joined stays within the root, or is found not to", () => {
  const part = fc.constantFrom("..", ".", "", "a", "b.txt", "...", "..a", "\\", "%2e");
  fc.assert(fc.property(fc.array(part, { maxLength: 8 }), fc.boolean(), (parts, windows) => {
    const root = windows ? "C:\\www\\static" : "/www/static";
    const path = joinPath(root, parts.join(windows ? "\\" : "/"), { windows });
    assertEquals(tidyPath(path, { windows }), path);
    const inside = isWithin(root, path, { windows });
    assertEquals(inside, path === root || path.startsWith(root + (windows ? "\\" : "/")));
    assertFalse(inside && path.split(/[\\/]/).includes(".."));
  }));
});

Deno.test("name of a device of Windows is refused on every system", () => {
  const names = ["con", "NUL", "Aux.txt", "prn.tar.gz", "a/com1", "COM9.log", "lpt0", "com\u00b9"];
  const more = ["con .txt", "nul:", "conin$", "CONOUT$.x", "a\\nul\\b", "nul/a.txt"];
  for (const name of [...names, ...more]) {
    assertFalse(isServableName(name, { ...POSIX, dotFiles: true }), name);
    assertFalse(isServableName(name, { ...WINDOWS, dotFiles: true }), name);
  }
  for (const name of ["console.js", "icon", "null.txt", "com.js", "com10", "a.con", "auxiliary"]) {
    assert(isServableName(name, { ...POSIX, dotFiles: false }), name);
    assert(isServableName(name, { ...WINDOWS, dotFiles: false }), name);
  }
});

Deno.test("name that begins with a dot is refused unless it is allowed", () => {
  for (
    const name of [
      ".env",
      ".git/config",
      "a/.htpasswd",
      "a\\.b",
      "...",
      ".well-knownx",
      "a/.well-known/x",
    ]
  ) {
    assertFalse(isServableName(name, { ...POSIX, dotFiles: false }), name);
    assert(isServableName(name, { ...POSIX, dotFiles: true }), name);
  }
  for (const name of [".well-known/security.txt", ".well-known", "a.b/c.d", ""]) {
    assert(isServableName(name, { ...POSIX, dotFiles: false }), name);
  }
});

Deno.test("name that Windows takes for another file is refused there", () => {
  for (
    const name of ["a.txt::$DATA", "C:x", "a.txt.", "a.txt ", "dir.\\a", "GIT~1\\config", "a\u0001"]
  ) {
    assertFalse(isServableName(name, { ...WINDOWS, dotFiles: true }), name);
    assert(isServableName(name, { ...POSIX, dotFiles: true }), name);
  }
});

Deno.test("path with a NUL or a backslash names no file", () => {
  assertFalse(isPossiblePath("a\0"));
  assertFalse(isPossiblePath("a\\b"));
  assert(isPossiblePath("a/b"));
});
