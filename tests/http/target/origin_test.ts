import { assertEquals } from "@std/assert";
import { isSameOrigin } from "../../../src/http/target/origin.ts";

const MATRIX: [origin: string, host: string, same: boolean][] = [
  ["http://example.com", "example.com", true],
  ["https://example.com", "example.com", true],
  ["http://example.com", "EXAMPLE.com", true],
  ["http://Example.COM", "example.com", true],
  ["http://example.com:80", "example.com", true],
  ["http://example.com", "example.com:80", true],
  ["https://example.com", "example.com:443", true],
  ["http://example.com:8888", "example.com:8888", true],
  ["http://[::1]:8888", "[::1]:8888", true],
  ["http://bücher.example", "xn--bcher-kva.example", true],
  ["http://example.com:8888", "example.com", false],
  ["http://example.com", "example.com:8888", false],
  ["https://example.com", "example.com:80", false],
  ["http://sub.example.com", "example.com", false],
  ["http://example.com.evil.example", "example.com", false],
  ["http://evil.example/example.com", "example.com", false],
  ["http://user@example.com", "example.com", false],
  ["http://example.com@evil.example", "example.com", false],
  ["example.com", "example.com", false],
  ["example.com:80", "example.com:80", false],
  ["//example.com", "example.com", false],
  ["ftp://example.com", "example.com", false],
  ["chrome-extension://example.com", "example.com", false],
  ["null", "example.com", false],
  ["null", "null", false],
  ["", "example.com", false],
  ["http://example.com, http://evil.example", "example.com", false],
];

for (const [origin, host, same] of MATRIX) {
  Deno.test(`origin "${origin}" is ${same ? "" : "not "}the host "${host}"`, () => {
    assertEquals(isSameOrigin(origin, host), same);
  });
}
