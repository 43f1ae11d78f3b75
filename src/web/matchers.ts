/** What the rules of a router can match (`tornado.routing.Matcher`). */
import type { HTTPServerRequest } from "./http_server_request.ts";
import { NO_GROUPS, type PathGroups, PathPattern } from "./path_pattern.ts";

/** Decides whether a rule applies to a request. Implement it to route by anything else. */
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

/** Matches every request. */
export class AnyMatches implements Matcher {
  /** Matches. */
  match(): PathGroups {
    return NO_GROUPS;
  }
}

/**
 * Matches the path: a string pattern (see {@linkcode PathPattern}), or a `RegExp` on the whole of it.
 */
export class PathMatches implements Matcher {
  /** What every path that matches begins with. */
  readonly prefix: string;
  /** Whether no path but `prefix` itself matches. */
  readonly literal: boolean;
  readonly #pattern: PathPattern | null;
  readonly #regexp: RegExp | null;

  /**
   * Compiles the pattern.
   *
   * @throws {SyntaxError} If a string pattern is malformed.
   */
  constructor(pattern: string | RegExp) {
    this.#pattern = typeof pattern === "string" ? new PathPattern(pattern) : null;
    this.#regexp = typeof pattern === "string" ? null : whole(pattern);
    this.prefix = this.#pattern?.prefix ?? "";
    this.literal = this.#pattern?.literal ?? false;
  }

  /** The groups of the request's path. */
  match(request: HTTPServerRequest): PathGroups | null {
    if (this.#pattern !== null) return this.#pattern.match(request.path);
    const found = this.#regexp?.exec(request.path) ?? null;
    return found === null ? null : { args: found.slice(1), kwargs: found.groups ?? null };
  }

  /** The path with `args` in place of the groups. */
  reverse(args: readonly unknown[]): string {
    if (this.#pattern !== null) return this.#pattern.reverse(args);
    throw new TypeError(
      `Cannot reverse the route of ${this.#regexp}: name a route with a string pattern`,
    );
  }
}

/** Matches the host without its port, in lower case: a string is the whole of it. */
export class HostMatches implements Matcher {
  readonly #regexp: RegExp;

  /**
   * Compiles the pattern.
   *
   * @param pattern `"example.com"`, `"*.example.com"`, or a `RegExp` on the whole host.
   */
  constructor(pattern: string | RegExp) {
    this.#regexp = typeof pattern === "string" ? hostRegExp(pattern) : whole(pattern);
  }

  /** Whether the pattern matches the host that was asked for. */
  match(request: HTTPServerRequest): PathGroups | null {
    return this.matches(request.hostName) ? NO_GROUPS : null;
  }

  /** Whether the pattern matches a host. */
  matches(hostName: string): boolean {
    return this.#regexp.test(hostName);
  }
}

/** Matches by a `URLPattern`. Its groups are passed by name, and by position in their order. */
export class URLPatternMatches implements Matcher {
  readonly #pattern: URLPattern;

  /** Takes the pattern. */
  constructor(pattern: URLPattern) {
    this.#pattern = pattern;
  }

  /** The groups of the path, if the whole URL matches. */
  match(request: HTTPServerRequest): PathGroups | null {
    const result = this.#pattern.exec(request.fullUrl());
    if (result === null) return null;
    const { groups } = result.pathname;
    return { args: Object.values(groups), kwargs: groups };
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

/** The expression, anchored at both ends, and without state between two uses of it. */
function whole(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ""));
}

function hostRegExp(pattern: string): RegExp {
  const parts = pattern.toLowerCase().split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`);
}
