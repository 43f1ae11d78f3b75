/** From a request to the handler that answers it (`tornado.routing`). */
import type { Application } from "./application.ts";
import { FallbackHandler } from "./fallback_handler.ts";
import { type HandlerClass, isHandlerClass } from "./handler_traits.ts";
import type { HTTPServerRequest } from "./http_server_request.ts";
import { type Matcher, toMatcher } from "./matchers.ts";
import { NO_GROUPS, type PathGroups } from "./path_pattern.ts";
import { RouteIndex } from "./route_index.ts";
import type { ConnectionInfo } from "../platform/platform.ts";

/** Anything that answers a web `Request`: how other frameworks and plain functions are mounted. */
export type FetchFunction = (
  request: Request,
  info: ConnectionInfo,
) => Response | Promise<Response>;

/** What a route leads to. */
export type RouteTarget =
  | HandlerClass
  | FetchFunction
  | { readonly fetch: FetchFunction }
  | Router
  | readonly Route[];

/** What a route's first part may be: a string pattern, or what matches by other means. */
export type RoutePattern = string | RegExp | URLPattern | Matcher;

/** A route, as it is written: a tuple, or a {@linkcode Rule}. */
export type Route =
  | readonly [pattern: RoutePattern, target: RouteTarget, args?: object, name?: string]
  | Rule;

/** The handler that a router found, and what it is to be made with. */
export interface RouteMatch {
  /** The handler's class. */
  readonly handlerClass: HandlerClass;
  /** What `initialize` receives. */
  readonly args: object;
  /** The groups of the pattern, still percent-encoded. */
  readonly groups: PathGroups;
  /** The application that the handler belongs to, if it is not the one that was asked. */
  readonly application?: Application;
  /** The outermost application on the way there that has middleware: it answers the request. */
  readonly mounted?: Application;
}

/** Finds the handler of a request. Derive your own routers from it (`tornado.routing.Router`). */
export interface Router {
  /** The handler; `null` lets the next rule have its turn. */
  findHandler(request: HTTPServerRequest): RouteMatch | null;
  /** The URL of a named route; `null` if there is none of that name. */
  reverseUrl?(name: string, ...args: unknown[]): string | null;
  /** What a router above calls in place of `reverseUrl`, if that throws for a name it lacks. */
  findUrl?(name: string, ...args: unknown[]): string | null;
}

/** One line of a {@linkcode RuleRouter}: what it matches, and where that leads. */
export class Rule {
  /** What the rule matches. */
  readonly matcher: Matcher;
  /** The name for `reverseUrl`, if it has one. */
  readonly name: string | undefined;
  /** The router that the rule leads to, unless it leads to a handler. */
  readonly router: Router | null;

  readonly #handlerClass: HandlerClass | null;
  readonly #args: object;
  readonly #always: RouteMatch | null;

  /**
   * Makes a rule.
   *
   * @param pattern What to match.
   * @param target Where it leads.
   * @param options `args` is handed to `initialize`; `name` is for `reverseUrl`.
   * @throws {TypeError} If the target is none of the kinds there are.
   */
  constructor(
    pattern: RoutePattern,
    target: RouteTarget,
    options: { args?: object | undefined; name?: string | undefined } = {},
  ) {
    this.matcher = toMatcher(pattern);
    this.name = options.name;
    const resolved = resolveTarget(target, options.args);
    this.router = resolved.router;
    this.#handlerClass = resolved.handlerClass;
    this.#args = resolved.args;
    this.#always = this.#handlerClass && this.#toMatch(this.#handlerClass, NO_GROUPS);
  }

  /** The handler that the rule gives; `null` if it does not apply. */
  match(request: HTTPServerRequest): RouteMatch | null {
    const groups = this.matcher.match(request);
    if (groups === null) return null;
    if (this.#handlerClass === null) return this.router?.findHandler(request) ?? null;
    return groups.args.length === 0 && groups.kwargs === null
      ? this.#always
      : this.#toMatch(this.#handlerClass, groups);
  }

  #toMatch(handlerClass: HandlerClass, groups: PathGroups): RouteMatch {
    return { handlerClass, args: this.#args, groups };
  }

  /**
   * The URL of the route named `name`, here or in a router below; `null` if it is not here.
   *
   * @throws {TypeError} If the arguments do not fit the pattern.
   */
  reverseUrl(name: string, args: readonly unknown[]): string | null {
    if (this.name === name) return this.matcher.reverse?.(args) ?? null;
    const { router } = this;
    if (router?.findUrl !== undefined) return router.findUrl(name, ...args);
    return router?.reverseUrl?.(name, ...args) ?? null;
  }
}

/** Makes a named route, or one with arguments, easier to read than a tuple (`tornado.web.url`). */
export function url(
  pattern: RoutePattern,
  target: RouteTarget,
  options: { args?: object; name?: string } = {},
): Rule {
  return new Rule(pattern, target, options);
}

/**
 * Tries rules in the order they were written; the first that gives a handler wins
 * (`tornado.routing.RuleRouter`). A rule whose router finds nothing is passed over.
 */
export class RuleRouter implements Router {
  readonly #rules: Rule[] = [];
  #index: RouteIndex<Rule> | null = null;

  /**
   * Makes a router.
   *
   * @param routes The rules, in order.
   */
  constructor(routes: readonly Route[] = []) {
    this.addRules(routes);
  }

  /** Adds rules behind those that are there. */
  addRules(routes: readonly Route[]): void {
    for (const route of routes) this.#rules.push(toRule(route));
    this.#index = null;
  }

  /** The handler of the first rule that gives one; `null` if none does. */
  findHandler(request: HTTPServerRequest): RouteMatch | null {
    this.#index ??= new RouteIndex(this.#rules, ({ matcher }) => matcher);
    for (const rule of this.#index.candidates(request.path)) {
      const match = rule.match(request);
      if (match !== null) return match;
    }
    return null;
  }

  /** The URL of a named route; `null` if there is none of that name. */
  reverseUrl(name: string, ...args: unknown[]): string | null {
    // The last of several of a name, as in Tornado.
    for (let i = this.#rules.length - 1; i >= 0; i--) {
      const url = this.#rules[i]?.reverseUrl(name, args) ?? null;
      if (url !== null) return url;
    }
    return null;
  }
}

/** A route as a rule. */
export function toRule(route: Route): Rule {
  if (route instanceof Rule) return route;
  if (!Array.isArray(route)) {
    throw new TypeError(
      `Cannot use ${String(route)} as a route: expected [pattern, target, args?, name?] or a Rule`,
    );
  }
  const [pattern, target, args, name] = route;
  return new Rule(pattern, target, { args, name });
}

/** A handler with its arguments, or a router. */
interface ResolvedTarget {
  readonly handlerClass: HandlerClass | null;
  readonly args: object;
  readonly router: Router | null;
}

function resolveTarget(target: RouteTarget, args: object = {}): ResolvedTarget {
  if (isHandlerClass(target)) return { handlerClass: target, args, router: null };
  if (Array.isArray(target)) return { handlerClass: null, args, router: new RuleRouter(target) };
  if (isRouter(target)) return { handlerClass: null, args, router: target };
  const fallback = fetchOf(target);
  if (fallback !== null) {
    return { handlerClass: FallbackHandler, args: { fallback }, router: null };
  }
  throw new TypeError(
    `Cannot route to ${String(target)}: expected a handler class, a list of routes, ` +
      "an Application, a Router, or a fetch function",
  );
}

function isRouter(target: unknown): target is Router {
  return typeof target === "object" && target !== null && "findHandler" in target;
}

function fetchOf(target: unknown): FetchFunction | null {
  if (typeof target === "function") return target as FetchFunction;
  if (typeof target !== "object" || target === null || !("fetch" in target)) return null;
  const { fetch } = target;
  return typeof fetch === "function" ? fetch.bind(target) as FetchFunction : null;
}
