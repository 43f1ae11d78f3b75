/** Strings in an expression, in which nothing is syntax. */
const STRINGS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;

/** What those write who come from Python, or from another template language. */
const SYNTAX: readonly [RegExp, string][] = [
  [/\blambda\b/, "write (x) => y for lambda x: y"],
  [/[[({].*\bfor\b.*\bin\b/s, "write xs.map((x) => y) for [y for x in xs]"],
  [/\bif\b.*\belse\b/s, "write c ? a : b for a if c else b"],
  [/\bnot\s+in\b/, "write !xs.includes(x) for x not in xs"],
  [/\bnot\b/, "write ! for not"],
  [/\band\b/, "write && for and"],
  [/\bor\b/, "write || for or"],
  [/\bis\b/, "write === for is"],
  [/\b[fFrRbBuU]{1,2}(?=§)/, 'write `${x}` in backquotes for f"{x}"'],
  [
    /\bsuper\b/,
    "a block replaces the one of its parent: put what both share into a block of its own",
  ],
  [/\|\s*default\b/, "write x ?? y for x | default(y)"],
  [/\|\s*\w+\s*:/, "write f(x, y) for x | f:y"],
  [/\[[^\]]*:[^\]]*\]/, "write xs.slice(1, 2) for xs[1:2]"],
  [/\(\s*\*|,\s*\*/, "write ...xs for *xs"],
  [/<>/, "write !== for <>"],
  [/^-|-$/, "white space is set by {% whitespace oneline %}, not by {{- -}}"],
  [/;/, "write one expression, and {% set x = value %} for a statement"],
  [/^\s*(?:var|let|const)\b/, "write {% set x = value %}"],
  [/^\s*return\b/, "write the value alone"],
  [/^\s*(?:if|for|while)\b/, "write {% if %}, {% for %} or {% while %} for a statement"],
  [/^\s*(?:else|elif|end|block|include|extends|set|raw|module)\b/, "tags are written {% %}"],
];

/** Characters that are looked at: the patterns take more time the longer the code is. */
const EXAMINED = 300;

/**
 * What to write for an expression that is no JavaScript, as far as it can be guessed.
 *
 * @param code The expression.
 */
export function hintForCode(code: string): string {
  if (/\bimport\b/.test(code)) {
    return "Pass what it would import to the template, or to the imports of its loader";
  }
  const bare = code.trim().slice(0, EXAMINED).replace(STRINGS, "§");
  const found = SYNTAX.filter(([pattern]) => pattern.test(bare)).map(([, hint]) => hint);
  // What follows from the first two would only confuse.
  const hints = found.length === 0 ? ["there has to be one, and nothing beside it"] : found;
  return `Expressions are JavaScript: ${hints.slice(0, 2).join("; ")}`;
}

/** Filters that are functions here, or have no meaning as a number. */
export const FILTERS: ReadonlyMap<string, string> = new Map([
  ["safe", "{% raw x %}"],
  ["escape", "{{ x }}, which escapes"],
  ["xhtml_escape", "{{ x }}, which escapes"],
  ["xhtmlEscape", "{{ x }}, which escapes"],
  ["forceescape", "{{ x }}, which escapes"],
  ["linkify", "{% raw linkify(x) %}"],
  ["squeeze", "{{ squeeze(x) }}"],
  ["url_escape", "{{ urlEscape(x) }}"],
  ["urlEscape", "{{ urlEscape(x) }}"],
  ["urlencode", "{{ urlEscape(x) }}"],
  ["json_encode", "{% raw jsonEncode(x) %}"],
  ["jsonEncode", "{% raw jsonEncode(x) %}"],
  ["tojson", "{% raw jsonEncode(x) %}"],
  ["raw", "{% raw x %}"],
]);
