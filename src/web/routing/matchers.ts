/** What the rules of a router can match (`tornado.routing.Matcher`). */
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { linearMatcher } from "./linear_regexp.ts";
import {
  isPlainPath,
  LiteralPath,
  NO_GROUPS,
  parsePattern,
  type PathGroups,
  type PathMatcher,
  regExpPath,
  whole,
} from "./path_pattern.ts";
import { hostHint } from "../../checks/mistakes.ts";

/**
 * Decides whether a rule applies to a request. Implement it to route by anything else.
 *
 * @category Applications and routes
 */
export interface Matcher {
  /** What every path that matches begins with, if that is known: it makes the router faster. */
  readonly prefix?: string;
  /** Whether no path but `prefix` itself matches. */
  readonly literal?: boolean;
  /** The groups found; `null` if the rule does not apply. */
  match(request: HTTPServerRequest): PathGroups | null;
  /** The URL that matches with these groups; absent if the matcher cannot tell. */
  reverse?(args: readonly unknown[]): string;
}

/**
 * Matches every request.
 *
 * @example
 * ```ts
 * import { AnyMatches, Application } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([
 *   ["/", () => new Response("home")],
 *   [new AnyMatches(), () => new Response("anything else")],
 * ]);
 * const response = await app.fetch(new Request("http://localhost/some/where"));
 * assertEquals(await response.text(), "anything else");
 * ```
 *
 * @category Applications and routes
 */
export class AnyMatches implements Matcher {
  /** Matches. */
  match(): PathGroups {
    return NO_GROUPS;
  }
}

/**
 * Matches the path: a string pattern, or a `RegExp` on the whole of it.
 *
 * @example
 * ```ts
 * import { Application, PathMatches, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Story extends RequestHandler {
 *   override get(id: string) {
 *     this.write(`story ${id}`);
 *   }
 * }
 *
 * const matcher = new PathMatches("/story/:id");
 * assertEquals(matcher.reverse([7]), "/story/7");
 * // The same as the pattern alone.
 * const app = new Application([[matcher, Story]]);
 * const response = await app.fetch(new Request("http://localhost/story/7"));
 * assertEquals(await response.text(), "story 7");
 * ```
 *
 * @category Applications and routes
 */
export class PathMatches implements Matcher {
  readonly #matcher: PathMatcher;

  /**
   * Compiles the pattern.
   *
   * @throws {SyntaxError} If a string pattern is malformed, or there are paths for which matching
   *   would take more than linear time, and it cannot be done in another way.
   */
  constructor(pattern: string | RegExp) {
    this.#matcher = pathMatcher(pattern);
  }

  /** What every path that matches begins with. */
  get prefix(): string {
    return this.#matcher.prefix;
  }

  /** Whether no path but `prefix` itself matches. */
  get literal(): boolean {
    return this.#matcher.literal;
  }

  /** How many groups there are. */
  get groupCount(): number {
    return this.#matcher.groupCount;
  }

  /** The groups of the request's path. */
  match(request: HTTPServerRequest): PathGroups | null {
    return this.#matcher.match(request.path);
  }

  /** The path with `args` in place of the groups. */
  reverse(args: readonly unknown[]): string {
    return this.#matcher.reverse(args);
  }

  /** The pattern, as it was written. */
  toString(): string {
    return this.#matcher.toString();
  }
}

function pathMatcher(pattern: string | RegExp): PathMatcher {
  if (typeof pattern !== "string") return regExpPath(pattern);
  return isPlainPath(pattern) ? new LiteralPath(pattern) : parsePattern(pattern);
}

/**
 * Matches the host without its port, in lower case: a string is the whole of it.
 *
 * @example
 * ```ts
 * import { Application, HostMatches } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([
 *   [new HostMatches("*.example.com"), [["/", () => new Response("a customer's shop")]]],
 *   ["/", () => new Response("everyone's page")],
 * ]);
 * const [shop, page] = await Promise.all([
 *   app.fetch(new Request("http://hats.example.com/")),
 *   app.fetch(new Request("http://example.org/")),
 * ]);
 * assertEquals(await shop.text(), "a customer's shop");
 * assertEquals(await page.text(), "everyone's page");
 * ```
 *
 * @category Applications and routes
 */
export class HostMatches implements Matcher {
  readonly #source: string | RegExp;
  readonly #matches: (hostName: string) => boolean;

  /**
   * Compiles the pattern.
   *
   * @param pattern `"example.com"`, `"*.example.com"`, or a `RegExp` on the whole host.
   * @throws {SyntaxError} If no host could match, or if matching could take more than linear time, and
   *   it cannot be done in another way.
   */
  constructor(pattern: string | RegExp) {
    this.#source = pattern;
    this.#matches = hostMatcher(pattern);
  }

  /** Whether the pattern matches the host that was asked for. */
  match(request: HTTPServerRequest): PathGroups | null {
    return this.matches(request.hostName) ? NO_GROUPS : null;
  }

  /** Whether the pattern matches a host. */
  matches(hostName: string): boolean {
    return this.#matches(hostName);
  }

  /** The pattern, as it was written. */
  toString(): string {
    return String(this.#source);
  }
}

/**
 * Matches by a `URLPattern`. Its groups are passed by name, and by position in their order.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, URLPatternMatches } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Book extends RequestHandler {
 *   override get(id: string) {
 *     this.write(`book ${id}`);
 *   }
 * }
 *
 * const pattern = new URLPattern({ pathname: "/books/:id(\\d+)" });
 * // The same as the `URLPattern` alone.
 * const app = new Application([[new URLPatternMatches(pattern), Book]]);
 * const response = await app.fetch(new Request("http://localhost/books/7"));
 * assertEquals(await response.text(), "book 7");
 * ```
 *
 * @category Applications and routes
 */
export class URLPatternMatches implements Matcher {
  readonly #pattern: URLPattern;

  /**
   * Takes the pattern.
   *
   * @throws {SyntaxError} If the runtime, which does the matching, could take more than linear time.
   */
  constructor(pattern: URLPattern) {
    for (const part of [pattern.pathname, pattern.search]) checkCost(part);
    this.#pattern = pattern;
  }

  /** The groups of the path, if the whole URL matches. */
  match(request: HTTPServerRequest): PathGroups | null {
    const result = this.#pattern.exec(request.fullUrl());
    if (result === null) return null;
    const { groups } = result.pathname;
    return { args: Object.values(groups), kwargs: groups };
  }

  /** The path that the pattern matches, as it was written. */
  toString(): string {
    return this.#pattern.pathname;
  }
}

/** The matcher of what stands first in a route. */
export function toMatcher(pattern: string | RegExp | URLPattern | Matcher): Matcher {
  if (typeof pattern === "string" || pattern instanceof RegExp) return new PathMatches(pattern);
  if (typeof URLPattern !== "undefined" && pattern instanceof URLPattern) {
    return new URLPatternMatches(pattern);
  }
  if (typeof pattern === "object" && pattern !== null && "match" in pattern) {
    return pattern as Matcher;
  }
  throw new TypeError(
    `Cannot route by ${String(pattern)}: expected a string, a RegExp, a URLPattern or a Matcher`,
  );
}

/** How what stands first in a route is called in an error. */
export function patternName(pattern: unknown): string {
  return typeof pattern === "string" ? JSON.stringify(pattern) : String(pattern);
}

/** A piece of a `URLPattern`: an escape, a group with its modifier, a brace, any other character. */
const PIECE =
  /\\([^])|(?::[\w$]+)?\(((?:\\[^]|[^()\\]|\((?:\\[^]|[^()\\])*\))*)\)([?+*]?)|:[\w$]+([?+*]?)|(\*)|(\{)|\}([?+*]?)|[^]/gu;

/**
 * Refuses a part of a `URLPattern` that could take the runtime more than linear time. What it comes
 * to as an expression is told no more exactly than that needs.
 */
function checkCost(part: string): void {
  const source = part.replace(PIECE, (piece, ...found: (string | undefined)[]) => {
    const [escaped, expression, modifier, nameModifier, star, open, braceModifier] = found;
    if (expression !== undefined) return groupOf(expression, modifier);
    if (nameModifier !== undefined) return groupOf("[^/]+", nameModifier);
    if (star !== undefined) return ".*";
    if (open !== undefined) return "(?:";
    return braceModifier === undefined ? RegExp.escape(escaped ?? piece) : `)${braceModifier}`;
  });
  if (linearMatcher(new RegExp(source)) instanceof RegExp) return;
  throw new SyntaxError(
    `Cannot route by a URLPattern with "${part}": a long URL could keep it busy for minutes; ` +
      "use a string pattern, which is matched in linear time",
  );
}

/** Groups that come several times have slashes between them: together they take any text. */
function groupOf(expression: string, modifier = ""): string {
  return /[+*]/.test(modifier) ? ".*" : `(?:${expression})${modifier}`;
}

/** A host, an address of IPv6, or a piece of one, in lower case. */
const HOST_PATTERN = /^(?:\[[\da-f:.*]+\]|[^[\]\\^$()+?|{}/:\s]+)$/;

/** What Tornado's applications write for every host, where strings are expressions. */
const EVERY_HOST = ".*";

function hostMatcher(pattern: string | RegExp): (hostName: string) => boolean {
  if (pattern === "*" || pattern === EVERY_HOST) return () => true;
  if (typeof pattern !== "string") return matchesWhole(pattern);
  checkHostPattern(pattern);
  const [host = "", ...rest] = pattern.toLowerCase().split("*");
  if (rest.length === 0) return (hostName) => hostName === host;
  return matchesWhole(new RegExp([host, ...rest].map((part) => RegExp.escape(part)).join(".*")));
}

function matchesWhole(pattern: RegExp): (hostName: string) => boolean {
  const matcher = whole(pattern);
  return (hostName) => matcher.exec(hostName) !== null;
}

function checkHostPattern(pattern: string): void {
  if (HOST_PATTERN.test(pattern.toLowerCase()) && !pattern.startsWith(".*")) return;
  throw new SyntaxError(
    `Cannot match hosts by ${JSON.stringify(pattern)}: ${hostHint(pattern, HOST_PATTERN)}`,
  );
}
