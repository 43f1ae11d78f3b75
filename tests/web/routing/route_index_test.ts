import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { PathMatches } from "../../../src/web/routing/matchers.ts";
import { parsePattern } from "../../../src/web/routing/path_pattern.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { RouteIndex } from "../../../src/web/routing/route_index.ts";
import type { Route } from "../../../src/web/routing/routing.ts";

const TEXTS = ["", "a", "b", "ab", "a.b", "%20", "~"];

const segment = fc.constantFrom(
  ...TEXTS,
  ":x",
  ":x(\\d+)",
  "(.*)",
  "([^/]+)",
  "a:x",
  "(a|b)b",
  "*",
);
const patterns = fc.array(segment, { maxLength: 4 }).map((segments) => {
  // A name may stand in a pattern once, and a * at its end alone.
  const unique = segments.map((text, index) => text.replace(":x", `:x${index}`));
  return `/${
    unique.map((text, index) => text === "*" && index < unique.length - 1 ? "c" : text).join("/")
  }`;
});
const paths = fc.array(fc.constantFrom(...TEXTS, "7", "abb", "c"), { maxLength: 5 })
  .map((segments) => `/${segments.join("/")}`);

Deno.test("index finds the first match that a linear scan finds", () => {
  fc.assert(
    fc.property(
      fc.array(patterns, { maxLength: 12 }),
      fc.array(paths, { maxLength: 8 }),
      (list, asked) => {
        const rules = list.map((pattern) => parsePattern(pattern));
        const index = new RouteIndex(rules, (rule) => rule);
        for (const path of asked) {
          const scanned = rules.find((rule) => rule.match(path) !== null);
          const found = index.candidates(path).find((rule) => rule.match(path) !== null);
          assert(scanned === found, `${path} of ${list.join(" ")}: ${found}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("index keeps the order of rules, with and without a beginning", () => {
  const rules = ["/a/b", "/a/:x", "(.*)", "/a/*", "/a/b"].map((pattern) =>
    new PathMatches(pattern)
  );
  const index = new RouteIndex(rules, (rule) => rule);
  assertEquals(index.candidates("/a/b"), rules);
  assertEquals(index.candidates("/a/c"), rules.slice(1, 4));
  assertEquals(index.candidates("/b"), rules.slice(2, 3));
});

/** What a pattern of segments matches, written as a regular expression. */
function regExpOf(pattern: string): RegExp {
  const body = pattern.split("/").map((text) =>
    text.startsWith(":") ? "([^/]+)" : RegExp.escape(text)
  );
  return new RegExp(`^${body.join("/")}$`);
}

Deno.test("pattern of segments matches as its regular expression does", () => {
  const simple = fc.array(fc.constantFrom("", "a", "b.c", ":x"), { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.map((text, i) => text === ":x" ? `:x${i}` : text).join("/")}`);
  fc.assert(
    fc.property(simple, paths, (pattern, path) => {
      const found = parsePattern(pattern).match(path)?.args ?? null;
      assertEquals(found, regExpOf(pattern).exec(path)?.slice(1) ?? null);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("path that is written from arguments gives them back", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.string({ unit: "grapheme" }),
      (first, rest) => {
        const pattern = parsePattern("/x/:first/y/*");
        const groups = pattern.match(pattern.reverse([first, rest]));
        assertEquals(groups?.args.map((text) => decodeURIComponent(text ?? "")), [first, rest]);
      },
    ),
  );
});

class LastHandler extends RequestHandler {
  override get(id: string) {
    this.write(id);
  }
}

/** Milliseconds that a number of requests to the last of `count` routes take. */
function timeOfLast(count: number): number {
  const routes = Array.from({ length: count }, (_, i): Route => [`/route${i}/:id`, LastHandler]);
  const app = new Application(routes);
  const request = new Request(`http://localhost/route${count - 1}/7`);
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let i = 0; i < 500; i++) app.fetch(request);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

Deno.test("last of 1,000 routes costs about what the last of 100 does", () => {
  let ratio = Infinity;
  for (let attempt = 0; attempt < 3 && ratio > 3; attempt++) {
    ratio = timeOfLast(1000) / timeOfLast(100);
  }
  assert(ratio < 3, `10 times the routes took ${ratio.toFixed(1)} times as long`);
});

Deno.test("index tells segments of one hash apart", () => {
  const rules = ["/Aa/x", "/BB/x", "/AaAa/:x", "/BBBB"].map((pattern) => new PathMatches(pattern));
  const index = new RouteIndex(rules, (rule) => rule);
  for (const [i, path] of ["/Aa/x", "/BB/x", "/AaAa/1", "/BBBB"].entries()) {
    assertEquals(index.candidates(path), rules.slice(i, i + 1));
  }
  assertEquals(index.candidates("/AaBB"), []);
});
