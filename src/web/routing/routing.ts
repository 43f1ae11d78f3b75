/** From a request to the handler that answers it (`tornado.routing`). */
import type { Application } from "../application.ts";
import { type HandlerClass, isHandlerClass } from "../handler_traits.ts";
import { checkOptions, OBJECT, type OptionType, STRING } from "../../checks/option_check.ts";
import { shown } from "../../checks/shown.ts";
import { atOnce } from "../../concurrent/coroutine/promise_like.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { type Matcher, PathMatches, patternName, toMatcher } from "./matchers.ts";
import { NO_GROUPS, type PathGroups } from "./path_pattern.ts";
import { checkIsNoName, wayToRoute } from "../../checks/mistakes.ts";
import { RouteIndex } from "./route_index.ts";
import { checkTarget, otherTarget, type ResolvedTarget } from "./route_target.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";

/**
 * Anything that answers a web `Request`: how other frameworks and plain functions are mounted.
 *
 * @category Applications and routes
 */
export type FetchFunction = (
  request: Request,
  info: ConnectionInfo,
) => Response | Promise<Response>;

/**
 * What a route leads to.
 *
 * @category Applications and routes
 */
export type RouteTarget =
  | HandlerClass
  | FetchFunction
  | { readonly fetch: FetchFunction }
  | Router
  | readonly Route[];

/**
 * What a route's first part may be: a string pattern, or what matches by other means.
 *
 * @category Applications and routes
 */
export type RoutePattern = string | RegExp | URLPattern | Matcher;

/**
 * A route, as it is written: a tuple, or a {@linkcode Rule}.
 *
 * @category Applications and routes
 */
export type Route =
  | readonly [pattern: RoutePattern, target: RouteTarget, args?: object, name?: string]
  | Rule;

/**
 * The handler that a router found, and what it is to be made with.
 *
 * @category Applications and routes
 */
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

/**
 * Finds the handler of a request. Derive your own routers from it (`tornado.routing.Router`).
 *
 * @category Applications and routes
 */
export interface Router {
  /** The handler; `null` lets the next rule have its turn. */
  findHandler(request: HTTPServerRequest): RouteMatch | null;
  /** The URL of a named route; `null` if there is none of that name. */
  reverseUrl?(name: string, ...args: unknown[]): string | null;
  /** What a router above calls in place of `reverseUrl`, if that throws for a name it lacks. */
  findUrl?(name: string, ...args: unknown[]): string | null;
}

/**
 * Where a rule leads: a handler with its arguments, or a router. For pages that list routes.
 *
 * @internal
 */
export function targetOf(rule: Rule): ResolvedTarget {
  return Rule["targetOf"](rule);
}

/**
 * One line of a {@linkcode RuleRouter}: what it matches, and where that leads.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, Rule } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Story extends RequestHandler {
 *   #shelf = "";
 *
 *   override initialize({ shelf }: { shelf: string }) {
 *     this.#shelf = shelf;
 *   }
 *
 *   override get(id: string) {
 *     this.write(`${this.#shelf}: ${id}`);
 *   }
 * }
 *
 * const rule = new Rule("/story/:id", Story, { args: { shelf: "new" }, name: "story" });
 * assertEquals(rule.reverseUrl("story", [7]), "/story/7");
 * const response = await new Application([rule]).fetch(new Request("http://localhost/story/7"));
 * assertEquals(await response.text(), "new: 7");
 * ```
 *
 * @category Applications and routes
 */
export class Rule {
  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** What a rule leads to, for the rest of the house. */
  private static targetOf(rule: Rule): ResolvedTarget {
    return { handlerClass: rule.#handlerClass, args: rule.#args, router: rule.router };
  }

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
   * @throws {TypeError} If the target is none of the kinds there are, or what is handed to it does not
   *   fit.
   */
  constructor(
    pattern: RoutePattern,
    target: RouteTarget,
    options: { args?: object | undefined; name?: string | undefined } = {},
  ) {
    checkRuleOptions(pattern, options);
    this.matcher = toMatcher(pattern);
    this.name = options.name;
    const resolved = resolveTarget(pattern, target, options.args);
    checkTarget(resolved, { pattern, matcher: this.matcher, args: options.args });
    this.router = resolved.router;
    this.#handlerClass = resolved.handlerClass;
    this.#args = resolved.args;
    this.#always = this.#handlerClass && this.#toMatch(this.#handlerClass, NO_GROUPS);
  }

  /** The handler that the rule gives; `null` if it does not apply. */
  match(request: HTTPServerRequest): RouteMatch | null {
    const groups = this.matcher.match(request);
    if (groups === null) return null;
    checkGroups(this.matcher, groups);
    if (this.#handlerClass === null) return found(this.router, request);
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

function resolveTarget(
  pattern: RoutePattern,
  target: RouteTarget,
  args: object = {},
): ResolvedTarget {
  if (isHandlerClass(target)) return { handlerClass: target, args, router: null };
  if (isList(target)) return { handlerClass: null, args, router: new RuleRouter(target) };
  if (target instanceof RuleRouter) return { handlerClass: null, args, router: target };
  return otherTarget(pattern, target, args);
}

/** Of an array that is readonly, `Array.isArray` says nothing to the compiler. */
function isList(target: RouteTarget): target is readonly Route[] {
  return Array.isArray(target);
}

/** What a router gives, which may be one of the application's own. */
function found(router: Router | null, request: HTTPServerRequest): RouteMatch | null {
  const match = router?.findHandler(request) ?? null;
  if (match !== null) checkFound(router, match);
  return match;
}

/** @throws {TypeError} If a router of the application's own has given anything else. */
function checkFound(router: Router | null, match: RouteMatch): void {
  if (match.handlerClass !== undefined) return;
  throw notRoutable(`${className(router)}.findHandler()`, match, "null or a handler's class");
}

/** @throws {TypeError} If a matcher of the application's own has given anything else. */
function checkGroups(matcher: Matcher, groups: PathGroups | undefined): void {
  if (groups?.args !== undefined) return;
  throw notRoutable(`${className(matcher)}.match()`, groups, "null or groups { args, kwargs }");
}

/** @throws {TypeError} If the value is a promise, which says so. */
function notRoutable(method: string, value: unknown, expected: string): TypeError {
  atOnce(value, method, "it must not be async; wait in middleware or in an async prepare()");
  return new TypeError(`Cannot route by ${shown(value)} of ${method}: expected ${expected}`);
}

function className(value: unknown): string {
  return Object(value).constructor?.name ?? "Object";
}

/**
 * Makes a named route, or one with arguments, easier to read than a tuple (`tornado.web.url`).
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, url } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Story extends RequestHandler {
 *   override get(id: string) {
 *     this.write(`story ${id}`);
 *   }
 * }
 *
 * const app = new Application([url("/story/:id", Story, { name: "story" })]);
 * assertEquals(app.reverseUrl("story", 7), "/story/7");
 * ```
 *
 * @category Applications and routes
 */
export function url(
  pattern: RoutePattern,
  target: RouteTarget,
  options: { args?: object; name?: string } = {},
): Rule {
  return new Rule(pattern, target, options);
}

/**
 * The rules of a router, in their order; none of one that is not of the library.
 *
 * @internal
 */
export function rulesOf(router: Router | null): readonly Rule[] {
  return router instanceof RuleRouter ? RuleRouter["rulesOf"](router) : [];
}

/**
 * Tries rules in the order they were written; the first that gives a handler wins
 * (`tornado.routing.RuleRouter`). A rule whose router finds nothing is passed over.
 *
 * @example
 * ```ts
 * import { Application, type HTTPServerRequest, RuleRouter } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const german = new RuleRouter([["/", () => new Response("Guten Tag")]]);
 *
 * // A rule that goes by a header field.
 * const wantsGerman = {
 *   match: (request: HTTPServerRequest) =>
 *     request.header("accept-language")?.startsWith("de") ? { args: [], kwargs: null } : null,
 * };
 * const app = new Application([[wantsGerman, german], ["/", () => new Response("Hello")]]);
 * const headers = { "Accept-Language": "de" };
 * const response = await app.fetch(new Request("http://localhost/", { headers }));
 * assertEquals(await response.text(), "Guten Tag");
 * ```
 *
 * @category Applications and routes
 */
export class RuleRouter implements Router {
  /** The rules in their order, for the rest of the house. */
  private static rulesOf(router: RuleRouter): readonly Rule[] {
    return router.#rules;
  }

  #rules: readonly Rule[] = [];
  #index: RouteIndex<Rule> | null = null;

  /**
   * Makes a router.
   *
   * @param routes The rules, in order.
   */
  constructor(routes: readonly Route[] = []) {
    this.addRules(routes);
  }

  /**
   * Adds rules.
   *
   * @param options `first` puts them before those that are there. Default: behind.
   * @throws {TypeError} If one is malformed, or has the name of another.
   */
  addRules(routes: readonly Route[], { first = false }: { readonly first?: boolean } = {}): void {
    const added = routes.map(toRule);
    const rules = first ? [...added, ...this.#rules] : [...this.#rules, ...added];
    checkNames(rules);
    this.#rules = rules;
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
    // Of mounted applications that have the name, too, the last is meant, as in Tornado.
    for (const rule of this.#rules.toReversed()) {
      const url = rule.reverseUrl(name, args);
      if (url !== null) return url;
    }
    return null;
  }
}

/** A route as a rule. */
export function toRule(route: Route): Rule {
  if (route instanceof Rule) return route;
  checkShape(route);
  const [pattern, target, args, name] = route;
  return new Rule(pattern, target, { args, name });
}

/** @throws {TypeError} If it is no tuple. */
function checkShape(route: unknown): void {
  if (!Array.isArray(route)) {
    throw new TypeError(
      `Cannot use ${shown(route)} as a route: expected [pattern, target, args?, name?] or a Rule${
        wayToRoute(route)
      }`,
    );
  }
  if (route.length <= 4) return;
  throw new TypeError(
    `Cannot use a route of ${route.length} parts: expected [pattern, target, args?, name?]`,
  );
}

/** The names of routes, and of those in the lists below. Hosts may have routes of the same names. */
function namesOf(rules: readonly Rule[]): string[] {
  return rules.flatMap(({ name, router, matcher }) => [
    ...(name === undefined ? [] : [name]),
    ...(matcher instanceof PathMatches ? namesOf(rulesOf(router)) : []),
  ]);
}

function checkNames(rules: readonly Rule[]): void {
  const names = new Set<string>();
  for (const name of namesOf(rules)) {
    if (names.has(name)) {
      throw new TypeError(
        `Cannot name two routes "${name}": reverseUrl() could give only one of them; rename one`,
      );
    }
    names.add(name);
  }
}

/** Types for {@linkcode checkOptions}: those of a rule. */
const RULE_OPTIONS: Readonly<Record<"args" | "name", OptionType>> = {
  args: {
    name: "an object for initialize()",
    test: (value) => OBJECT.test(value) && !Array.isArray(value),
  },
  name: STRING,
};

function checkRuleOptions(pattern: RoutePattern, options: { args?: unknown }): void {
  const route = `the route ${patternName(pattern)}`;
  checkIsNoName(options.args, route);
  checkOptions(options, RULE_OPTIONS, `option of ${route}`);
}
