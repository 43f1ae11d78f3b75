/** Names of Python and of other template languages, and what to write here. */
const NAMES: Readonly<Record<string, string>> = {
  None: "Write null",
  True: "Write true",
  False: "Write false",
  nil: "Write null",
  self: "Write handler",
  abs: "Write Math.abs(x)",
  all: "Write xs.every((x) => x)",
  any: "Write xs.some((x) => x)",
  bool: "Write Boolean(x)",
  datetime: "Write new Date()",
  dict: "Write { name: value }",
  enumerate: "Write {% for [i, x] of xs.entries() %}",
  filter: "Write xs.filter((x) => x)",
  float: "Write Number(x)",
  format: "Write `${x}`",
  forloop: "Write {% for [i, x] of xs.entries() %}",
  getattr: "Write x[name] ?? y",
  hasattr: "Write name in x",
  int: "Write parseInt(x)",
  isinstance: "Write x instanceof Y",
  json: "Write JSON.stringify(x), or {% raw jsonEncode(x) %} in a script",
  len: "Write x.length, or x.size of a Map or a Set",
  list: "Write [...xs]",
  loop: "Write {% for [i, x] of xs.entries() %}",
  map: "Write xs.map((x) => y)",
  max: "Write Math.max(...xs)",
  min: "Write Math.min(...xs)",
  print: "Write {{ expression }}",
  range: "Write {% for i of Array(3).keys() %} for range(3)",
  repr: "Write JSON.stringify(x)",
  reversed: "Write xs.toReversed()",
  round: "Write Math.round(x), or x.toFixed(2)",
  set: "Write new Set(xs)",
  sorted: "Write xs.toSorted()",
  str: "Write String(x)",
  sum: "Write xs.reduce((a, b) => a + b, 0)",
  tuple: "Write [a, b]",
  type: "Write typeof x",
  url_for: 'Write reverseUrl("name")',
  csrf_token: "Write {{ xsrfFormHtml() }}",
  csrf_input: "Write {{ xsrfFormHtml() }}",
  zip: "Write {% for [i, x] of xs.entries() %} and ys[i]",
  gettext: 'Write _("text")',
  caller: "Pass what shall be called to the template",
  varargs: "Write (...args) => y",
  console: "Log in the handler",
  document: "Templates run on the server: put it into a <script>",
  window: "Templates run on the server: put it into a <script>",
  process: "Pass what it needs to the template",
  Deno: "Pass what it needs to the template",
  globalThis: "Pass what it needs to the template",
  fetch: "Fetch in the handler, and pass the result to the template",
};

/** Filters that are no names here: `x | upper`. */
const FILTER_NAMES: Readonly<Record<string, string>> = {
  capitalize: "x.charAt(0).toUpperCase() + x.slice(1)",
  date: "locale.formatDate(x)",
  e: "{{ x }}, which escapes",
  first: "xs.at(0)",
  join: 'xs.join(", ")',
  last: "xs.at(-1)",
  length: "x.length",
  linebreaks: "{% apply f %}, with a function of yours",
  lower: "x.toLowerCase()",
  n: "{% raw x %}",
  nl2br: "{% apply f %}, with a function of yours",
  striptags: "{% apply f %}, with a function of yours",
  title: "a function of yours",
  trim: "x.trim()",
  truncate: "x.slice(0, 80)",
  upper: "x.toUpperCase()",
};

/** Methods of Python's strings, lists and dictionaries. */
const METHODS: Readonly<Record<string, string>> = {
  append: "xs.push(x)",
  capitalize: "x.charAt(0).toUpperCase() + x.slice(1)",
  copy: "[...xs] or { ...x }",
  count: "xs.filter((x) => x === y).length",
  encode: "new TextEncoder().encode(x), in the handler",
  decode: "new TextDecoder().decode(x), in the handler",
  endswith: "x.endsWith(y)",
  extend: "xs.push(...ys)",
  find: "x.indexOf(y)",
  format: "`${x}`",
  get: "x.name ?? y or x[name] ?? y",
  has_key: "name in x",
  index: "xs.indexOf(x)",
  insert: "xs.splice(i, 0, x)",
  isdigit: "/^\\d+$/.test(x)",
  isoformat: "x.toISOString()",
  items: "Object.entries(x)",
  iteritems: "Object.entries(x)",
  join: 'xs.join(", ") for ", ".join(xs)',
  keys: "Object.keys(x)",
  ljust: "x.padEnd(n)",
  lower: "x.toLowerCase()",
  lstrip: "x.trimStart()",
  rjust: "x.padStart(n)",
  rstrip: "x.trimEnd()",
  splitlines: 'x.split("\\n")',
  startswith: "x.startsWith(y)",
  strftime: "locale.formatDate(x) or x.toISOString()",
  strip: "x.trim()",
  title: "a function of yours",
  update: "Object.assign(x, y)",
  upper: "x.toUpperCase()",
  values: "Object.values(x)",
  zfill: 'x.padStart(n, "0")',
};

/** What to write for a name that is not defined, as far as other languages have it. */
export function hintForName(name: string): string | undefined {
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const filter = Object.hasOwn(FILTER_NAMES, name) ? FILTER_NAMES[name] : undefined;
  return filter === undefined ? undefined : `For x | ${name} write ${filter}`;
}

/**
 * What to do about an error that the language threw.
 *
 * @param error Its message.
 */
export function hintForFailure(error: string): string | undefined {
  const method = /([\w$]+) is not a function/.exec(error)?.[1] ?? "";
  if (Object.hasOwn(METHODS, method)) return `Expressions are JavaScript: write ${METHODS[method]}`;
  if (/'in' operator/.test(error)) return "Write xs.includes(x) for x in xs";
  if (/of (?:undefined|null) \(reading/.test(error)) {
    return "Write x?.y where x may be missing";
  }
  return undefined;
}

/** Python's spelling of a name in ours: `format_date` becomes `formatDate`. */
export function camelCase(name: string): string {
  return name.replace(/(?!^)_+([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
