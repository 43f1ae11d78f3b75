import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { linearMatcher as anyMatcher } from "../../../src/web/routing/linear_regexp.ts";
import { linearMatcher } from "../../../src/web/routing/linear_regexp_on_workers.ts";
import { assertLinear } from "../../support/linear.ts";

/** The text of an expression, of which most have several repetitions. */
const expression: fc.Arbitrary<string> = fc.letrec((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom("a", "/", ".", "-", "[^/]", "\\w", "\\d", "\\/", "\\x61", "\\b", "^", "\\1"),
    tie("choice").map((choice) => `(${choice})`),
    tie("choice").map((choice) => `(?:${choice})`),
    tie("choice").map((choice) => `(?!${choice})`),
  ),
  part: fc.tuple(
    tie("atom"),
    fc.constantFrom("", "", "", "*", "+", "?", "*?", "{2}", "{1,2}", "{1,}", "{0,2}?"),
  ).map(([atom, quantifier]) => `${atom}${quantifier}`),
  sequence: fc.array(tie("part"), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("")),
  choice: fc.array(tie("sequence"), { minLength: 1, maxLength: 2 })
    .map((sequences) => sequences.join("|")),
})).choice as fc.Arbitrary<string>;

function compiled(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch {
    return null;
  }
}

function isFastElsewhere(source: string): boolean {
  return anyMatcher(new RegExp(source)) instanceof RegExp;
}

/** An expression whose last repetition comes once. */
function withoutLast(source: string): string {
  return source.replace(/(?:[*+]|\{1,\})\??(?!.*(?:[*+]|\{1,\}))/, "");
}

// The last repetition may give back what it likes: each way that leads to it is one. So may the one
// before it, if a dot follows that takes all of the rest.
Deno.test("on Workers what is taken is fast elsewhere, the last repetition aside", () => {
  let taken = 0;
  fc.assert(
    fc.property(expression, (source) => {
      const body = compiled(source);
      if (body === null || linearMatcher(body) === null) return;
      taken++;
      const before = withoutLast(source);
      const endsInDot = /\.(?:[*+]|\{1,\})\??\)*$/.test(source);
      const fast = [source, before, ...endsInDot ? [withoutLast(before)] : []];
      assert(fast.some(isFastElsewhere), source);
    }),
    { numRuns: 5_000 },
  );
  assert(taken > 50, `${taken}`);
});

Deno.test("on Workers expressions as most routes have them are taken", () => {
  const taken = [
    /\/user\/(\d+)/,
    /\/files\/(.*)/,
    /\/(.*)\/edit/,
    /\/(.*)\/(.*)/,
    /\/([^/]+)\/([^/]+)\/(.*)/,
    /\/(en|de)\/(\d+|new)\/(\w+)/,
    /\/(\w+)(?:\/(\d+))?/,
    /\/(\w+)(?:\/(\d+)(?:\/(\w+))?)?/,
    /\/((?!admin).*)/,
    /\/(?!admin)(.*)\/edit/,
    /\/(\d+)-(\w+)\.(html|json)/,
    /\/(?<year>\d+)\x2d(?<month>\d+)/,
    /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\/(.*)/,
    /\/(a)\1/,
    /\p{L}+/u,
  ];
  for (const body of taken) assert(linearMatcher(body) instanceof RegExp, `${body}`);
});

Deno.test("on Workers expression that could be slow is refused", () => {
  const refused = [
    /(.*)a(.*)b/,
    /(.*)\/([^.]+)\.x/,
    /([^/]+)\.([^/]+)/,
    /(?:a+)+b/,
    /(?:a|aa)*b/,
    /(?:\w+){2}x/,
    /x*y?x*z/,
    /x*(?:y|)x*z/,
    /(?:a-?-?b){0,300}/,
    /(.*)y(?=.*)/,
    /(?=(?:a|a)*b).*/,
    /(?:a|a)*\1()/,
  ];
  for (const body of refused) assertEquals(linearMatcher(body), null, `${body}`);
});

Deno.test("on Workers matching takes linear time", () => {
  for (const body of [/\/(.*)\/(.*)/, /\/([^/]+)\/(\w+)-(\d+)x/, /\/(\w+)(?:\/(\d+))?/]) {
    const matcher = linearMatcher(body);
    assertLinear((n) => void matcher?.exec("/" + "aa/".repeat(n)), { n: 1_000 });
  }
});
