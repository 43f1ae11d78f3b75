import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anchored, linearMatcher } from "../../../src/web/routing/linear_regexp.ts";
import { assertLinear } from "../../support/linear.ts";

/** The text of an expression without look-arounds and back references. */
const expression: fc.Arbitrary<string> = fc.letrec((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom("a", "b", "/", ".", "[ab]", "[^/]", "\\w", "\\d", "\\/", "\\x61"),
    tie("choice").map((choice) => `(${choice})`),
    tie("choice").map((choice) => `(?:${choice})`),
  ),
  part: fc.tuple(
    tie("atom"),
    fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}", "{0,2}?"),
  ).map(([atom, quantifier]) => `${atom}${quantifier}`),
  sequence: fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
  choice: fc.array(tie("sequence"), { minLength: 1, maxLength: 2 })
    .map((sequences) => sequences.join("|")),
})).choice as fc.Arbitrary<string>;

const text = fc.array(fc.constantFrom("a", "b", "/", "1", "A"), { maxLength: 7 })
  .map((characters) => characters.join(""));

Deno.test("linear matcher takes what the runtime's takes", () => {
  let ours = 0;
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 8, maxLength: 8 }), (source, texts) => {
      const body = new RegExp(source);
      const matcher = linearMatcher(body);
      if (matcher === null) return;
      if (!(matcher instanceof RegExp)) ours++;
      for (const text of texts) {
        const found = matcher.exec(text);
        const expected = anchored(body).exec(text);
        assertEquals(found && [...found], expected && [...expected], `${source} ${text}`);
      }
    }),
    { numRuns: 3_000 },
  );
  assert(ours > 50, `${ours}`);
});

Deno.test("linear matcher knows the names of groups, and the flags", () => {
  const found = linearMatcher(/(?<first>.*)x(?<second>.*)y(.*)z/i)?.exec("1X2Y3Z");
  assertEquals([...found ?? []], ["1X2Y3Z", "1", "2", "3"]);
  assertEquals({ ...found?.groups }, { first: "1", second: "2" });
});

Deno.test("turn of a bounded repetition that takes nothing does not count", () => {
  const matcher = linearMatcher(/(?:(a?)(b?)){0,3}(.*)(.*)x/);
  assert(!(matcher instanceof RegExp));
  for (const text of ["x", "ax", "abx", "abbax", "bbbbbx"]) {
    const expected = /^(?:(a?)(b?)){0,3}(.*)(.*)x$/.exec(text);
    assertEquals([...matcher?.exec(text) ?? []], [...expected ?? []], text);
  }
});

Deno.test("expression that is fast anyway is left to the runtime", () => {
  const fast = [
    /\/user\/(\d+)/,
    /\/files\/(.*)/,
    /\/(.*)\/edit/,
    /\/([^/]+)\/([^/]+)\/(.*)/,
    /\/(en|de)\/(\d+|new)\/(\w+)/,
    /\/(\w+)(?:\/(\d+))?/,
    /\/((?!admin).*)/,
    /\/(?!.*\.php)(.*)/,
    /\/(?!admin)(.*)\/edit/,
    /\/(\d+)-(\w+)\.(html|json)/,
    /\/caf\u00e9\/(\w+)\/(\d+)/,
    /\/(a)\1/,
    /(?:\d{1,3}\.){3}\d{1,3}/,
    /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\/(.*)/,
    /(?:\d+-){2}x/,
  ];
  for (const body of fast) assert(linearMatcher(body) instanceof RegExp, `${body}`);
});

Deno.test("expression that could be slow is not left to the runtime", () => {
  const slow = [
    /(.*)a(.*)b(.*)/,
    /(.*)(.*)x/,
    /\/(.*)\/a\/([^/]+)\/(.*)\/b/,
    /(?:a|aa)*b/,
    /(?:a+)+b/,
    /([\w-]+)-([\w-]+)/,
    /(?:\w+){2}x/,
    /x*x*/,
    /x*y?x*z/,
    /x*(?:y|)x*z/,
    /(\p{L}+)(\p{L}+)/u,
    /(\u{61}*)(a*)b/u,
    /[α-ω]+[α-ω]+x/,
    /(?:a-?-?b){0,30}/,
    /(?:[a-z]{1,20}-?){1,20}/,
  ];
  for (const body of slow) {
    const matcher = linearMatcher(body);
    assert(matcher !== null && !(matcher instanceof RegExp), `${body}`);
  }
});

Deno.test("expression that could be slow and is not understood is refused", () => {
  const refused = [
    /(?=.*a.*b)(.*)/,
    /(.*)x(?!.*y)(.*)/,
    /(.*)\/(.*)\1/,
    /(?:a*)*\1()/,
    /(.*)\bx(.*)y/,
    /([\w--x]+)(\w+)/v,
    /(?:a{500}a+){9}/,
    /(?:\w*)*x/,
    /(?=(?:a|a)*b).*/,
    /(?:a-?-?b){0,300}/,
    /\w*(?=.*x)./,
    /(?!(?:a-?-?b){0,300}x).*/,
  ];
  for (const body of refused) assertEquals(linearMatcher(body), null, `${body}`);
});

Deno.test("expression that is read in another way than it looks takes what the runtime's takes", () => {
  const odd: [RegExp, readonly string[]][] = [
    [/(?i:a)b*/, ["A", "Abb", "ab"]],
    [/\X61*\w*/, ["X6", "X611", "a"]],
    [new RegExp("\\012*(b*)"), ["\nb", "\x0012", "b"]],
    [new RegExp("\\p{L}*"), ["p{L}", "p{L", "L"]],
    [/\c1*a/, ["\\c11a", "ca"]],
    [/(.*)(.*)x/u, ["😀x", "a😀😀x"]],
    [/(.?)(.+)(.+)/u, ["😀😀", "a😀", "😀"]],
    [/(k*)([k\u212a]*)x/iu, ["\u212ax", "Kkx"]],
  ];
  for (const [body, texts] of odd) {
    const matcher = linearMatcher(body);
    if (matcher === null) continue;
    for (const text of texts) {
      const expected = anchored(body).exec(text);
      const found = matcher.exec(text);
      assertEquals(found && [...found], expected && [...expected], `${body} ${text}`);
    }
  }
  assert(linearMatcher(/(?i:a)b*/) instanceof RegExp);
});

Deno.test("expression whose bounded repetitions could be slow together is not left to the runtime", () => {
  const slow = [
    /a{0,1000}a{0,1000}a*b/,
    /a{0,300}a{0,300}a{0,300}b/,
    /a{0,90}a{0,90}a*b/,
    /a{0,5000}a{0,5000}b/,
    /a{0,5000}a*b/,
    /a*(?=a{0,999}a{0,999}b)c/,
    /(?<=a{0,999}a{0,999}b?a*)c/,
    /(?<=x(?:a|a){0,30})c/,
    /(a*)\1b/,
    /(a)\1(?:a|a){0,30}b/,
    /(?:a|a){0,30}b/v,
    /a{0,999}a*b/v,
    /k*[^\0-\x7f]*x/iu,
  ];
  for (const body of slow) assert(!(linearMatcher(body) instanceof RegExp), `${body}`);
});

Deno.test("expression whose bounded repetitions are fast together is left to the runtime", () => {
  const words = Array.from({ length: 300 }, (_, i) => `word-${i}`).join("|");
  const fast = [
    new RegExp(`/(${words})/(.*)`),
    new RegExp(`/((?!${words.slice(0, 200)}).*)`),
    /\/(\d{4})-(\d{1,2})-(\d{1,2})\/(.*)/,
    /\/([a-z]{2}(?:-[A-Z]{2})?)\/(.*)/,
    /\/colou?r?s?\/(\w{1,64})/,
    /\/(?<name>[a-z]+)/v,
    /(?:(?:a{1000}){1000}){1000}/,
    /(?<=\/)(\d{1,3})/,
  ];
  for (const body of fast) assert(linearMatcher(body) instanceof RegExp, `${body}`);
});

Deno.test("long text takes little memory", () => {
  const matcher = linearMatcher(/\/(?:[ab]{1,20}){1,20}(.*)(.*)x/);
  assert(matcher !== null && !(matcher instanceof RegExp));
  const text = "/" + "c".repeat(65_000);
  const before = Deno.memoryUsage().external;
  matcher.exec(text);
  const taken = Deno.memoryUsage().external - before;
  assert(taken < 2_000_000, `${taken} bytes`);
});

Deno.test("matching takes linear time", () => {
  const bodies = [
    ...[/\/(.*)a(.*)b(.*)c/, /(?:a|aa|b|\/)+x/, /(?:\/[^/]*)*(\/.+)*x/],
    /\/(?:[ab]{1,9}a?){1,9}(.*)(.*)x/,
  ];
  for (const body of bodies) {
    const matcher = linearMatcher(body);
    assertLinear((n) => {
      assertEquals(matcher?.exec("/" + "aab".repeat(n)), null);
    }, { n: 1_000 });
  }
});
