/** What is probably meant by what is mistaken: a name that is nearly another, or what others call a thing. */
import { shown } from "./shown.ts";

/**
 * What to add to the message about an unknown name: the one that was probably meant. Python's
 * spelling is the likeliest mistake.
 *
 * @param known The names that there are, as keys.
 */
export function suggest(name: string, known: object): string {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (camel !== name && Object.hasOwn(known, camel)) return `: it is spelled "${camel}"`;
  const names = Object.keys(known);
  const nearest = closest(camel, names) ?? onlyLonger(camel, names);
  return nearest === undefined ? "" : `: did you mean "${nearest}"?`;
}

/** The one name that begins as `name` does: `hostname` for `host`. */
function onlyLonger(name: string, known: readonly string[]): string | undefined {
  const [longer, another] = known.filter((each) => name.length > 2 && each.startsWith(name));
  return another === undefined ? longer : undefined;
}

/** Longer names are not compared: nobody mistypes them by one letter only. */
const MAX_LENGTH = 40;

/**
 * Finds the name that was probably meant: one that at most two changes of a letter make of it, or two swaps.
 *
 * @param name What was written.
 * @param known What could have been written.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const limit = name.length < 4 ? 1 : 2;
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known.slice(0, 500)) {
    if (Math.abs(candidate.length - name.length) > limit || name.length > MAX_LENGTH) continue;
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < bestDistance) [best, bestDistance] = [candidate, apart];
  }
  return best;
}

/** How many letters have to be changed, put in, left out or swapped with the next, row by row. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(changed, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

// ---- settings

/** What makes a middleware, and is none itself; with what it is given. */
const MAKERS: Readonly<Record<string, string>> = {
  basicAuth: "{ users: { … } }",
  cors: '{ origin: "https://example.com" }',
  hostAllowList: '["example.com"]',
  rateLimit: "{ limit: 60 }",
  requestId: "",
  securityHeaders: "",
  timeout: "10_000",
};

/**
 * Checks that a middleware is not the function that makes it. A middleware of the same name takes more than one argument: the request, and what goes on.
 *
 * @throws {TypeError} If it is.
 */
export function checkIsCalled(
  middleware: { readonly name: string; readonly length: number },
): void {
  const { name, length } = middleware;
  const argument = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (argument === undefined || length > 1) return;
  throw new TypeError(
    `Cannot use the function ${name} as a middleware: call it, as in middleware: [${name}(${argument})]`,
  );
}

/** What Tornado, or another place here, calls what is meant. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  gzip: 'it is called "compressResponse"',
  autoreload: "run the application with `deno run -A jsr:@gustnado/gustnado/dev main.ts`",
  autoescape_function: 'it is called "autoescape"',
  max_buffer_size: 'it is called "maxBodySize"',
  ui_module: 'it is called "uiModules"',
  log_request: 'it is called "logFunction"',
  transforms: 'write a "middleware"',
  routes: "they are the first argument of the application",
  handlers: "they are the first argument of the application",
  port: "it is the first argument of listen()",
  ssl_options: 'give listen() "cert" and "key"',
};

/** What to do in place of a setting that there is not, if that is known. */
export function calledElsewhere(name: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
}

// ---- routes, and what they lead to

/** @throws {SyntaxError} If a group of a pattern is named as in Python. */
export function checkGroupName(source: string, at: number): void {
  const name = /^\(\?P<(\w+)>/.exec(source.slice(at))?.[1];
  if (name === undefined) return;
  throw new SyntaxError(
    `Cannot compile the pattern "${source}": "(?P<" at ${at} is how Python names a group; ` +
      `write "(?<${name}>…)", or ":${name}" for a segment`,
  );
}

/** What to write in a pattern for what is no text: other routers have signs of their own. */
export function wayOut(source: string, at: number): string {
  const rest = source.slice(at);
  const name = /^(?:<(?:\w+:)?(\w+)>|\{(\w+)(?:[:=*][^}]*)?\})/.exec(rest);
  const group = name?.[1] ?? name?.[2];
  if (group !== undefined) return `a segment as a group is written ":${group}"`;
  if (/^\?$/.test(rest) && source.charAt(at - 1) === "/") {
    const bare = source.slice(0, -2);
    return `for both, with the slash and without, write "${bare}(?:/?)"; ` +
      "@removeSlash and @addSlash redirect from the one to the other";
  }
  return "put a regular expression in parentheses, or use a RegExp for the whole path";
}

/**
 * What to write in place of a pattern that no host matches.
 *
 * @param fitting What a pattern of hosts looks like.
 */
export function hostHint(pattern: string, fitting: RegExp): string {
  if (pattern === "") return "no host is empty";
  const host = pattern.replace(/^\w+:\/\//, "");
  if (host !== pattern) return `it is a host, not a URL; write "${host.replace(/[/:].*/, "")}"`;
  const portless = pattern.replace(/:\d+$/, "");
  if (portless !== pattern) return `it is compared without a port; write "${portless}"`;
  const starred = pattern.slice(1);
  if (fitting.test(starred)) return `no host begins with a dot; write "${starred}"`;
  return `a string is the host itself, with "*" for any text; write the RegExp /${pattern}/`;
}

/** What else to say of a target of a route; `undefined` if nothing is known to be meant by it. */
export function wayToTarget(target: unknown): string | undefined {
  if (typeof target === "function") return "it is no handler; derive it from RequestHandler";
  if (target !== undefined) return undefined;
  return "a class is undefined while modules that import each other are loading, or if its name " +
    "is not exported";
}

/** What to write, where one route was given for the list of them, or a class for a route. */
export function wayToRoute(route: unknown): string {
  if (typeof route === "string") return `; write a list of routes, [[${shown(route)}, target]]`;
  return typeof route === "function" && route.name !== "" ? `; write ["/", ${route.name}]` : "";
}

/** What a handler may override, and Python writes with underscores: nobody would call it so. */
const HOOKS: ReadonlySet<string> = new Set([
  "checkOrigin",
  "checkXsrfCookie",
  "computeEtag",
  "createTemplateLoader",
  "dataReceived",
  "decodeArgument",
  "getBrowserLocale",
  "getCurrentUser",
  "getLoginUrl",
  "getTemplateNamespace",
  "getTemplatePath",
  "getUserLocale",
  "logException",
  "onClose",
  "onConnectionClose",
  "onFinish",
  "onMessage",
  "onPing",
  "onPong",
  "selectSubprotocol",
  "setDefaultHeaders",
  "setExtraHeaders",
  "writeError",
]);

/** A class of handlers. */
interface ClassToCheck {
  readonly name: string;
  readonly prototype: object;
}

/**
 * Checks that no hook of a class is spelled as in Python. A class that has both spellings is left
 * alone.
 *
 * @throws {TypeError} If one is; the message names it.
 */
export function checkHookNames(target: ClassToCheck): void {
  let level: object | null = target.prototype;
  while (level !== null) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name.includes("_")) checkHookName(name, { level, target });
    }
    level = Object.getPrototypeOf(level);
  }
}

function checkHookName(
  name: string,
  { level, target }: { level: object; target: ClassToCheck },
): void {
  const meant = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (!HOOKS.has(meant) || !(meant in target.prototype) || Object.hasOwn(level, meant)) return;
  throw new TypeError(
    `Cannot use the handler ${target.name}: nobody would call its ${name}(); ` +
      `it is spelled ${meant}()`,
  );
}

/**
 * Checks that the arguments of a route are not its name.
 *
 * @throws {TypeError} If they are a text.
 */
export function checkIsNoName(args: unknown, route: string): void {
  if (typeof args !== "string") return;
  const name = JSON.stringify(args);
  throw new TypeError(
    `Cannot use ${name} as the arguments of ${route}: expected an object; the name of a route comes ` +
      `fourth, as in [pattern, target, {}, ${name}]`,
  );
}

/** Names of routes in one message. */
const MAX_NAMES = 8;

/** A rule that may have a name. */
interface NamedRule {
  readonly name: string | undefined;
}

/**
 * What to write in place of a name that no route has.
 *
 * @param rules Those of the application.
 * @param below Gives the rules that one leads to.
 */
export function otherRoute<Rule extends NamedRule>(
  name: string,
  rules: readonly Rule[],
  below: (rule: Rule) => readonly Rule[],
): string {
  const namesOf = (rules: readonly Rule[]): string[] =>
    rules.flatMap((
      rule,
    ) => [...rule.name === undefined ? [] : [rule.name], ...namesOf(below(rule))]);
  const names = namesOf(rules);
  const meant = closest(name, names);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  if (names.length === 0) {
    return `; name one, as in [pattern, target, {}, ${JSON.stringify(name)}]`;
  }
  const more = names.length > MAX_NAMES ? ", …" : "";
  return `; there is ${names.slice(0, MAX_NAMES).map((each) => `"${each}"`).join(", ")}${more}`;
}

// ---- what handlers do

/** Methods are called by their names in lower case: a newcomer may have written another. */
export function verbSpelling(method: string, prototype: object): string {
  const verb = method.toLowerCase();
  const spelled = Object.getOwnPropertyNames(prototype).find((own) => own.toLowerCase() === verb);
  return spelled === undefined || spelled === verb ? "" : `; ${spelled}() is spelled ${verb}()`;
}

/** What to throw in place of what is no error. It may be anything, as a proxy that throws for every look. */
export function bareHint(thrown: unknown): string {
  try {
    const isError = thrown instanceof Error || thrown instanceof DOMException;
    return isError ? "" : "; what is no Error has no stack, throw new Error(…)";
  } catch {
    return "";
  }
}
