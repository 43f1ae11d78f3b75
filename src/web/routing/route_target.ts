/** Where routes lead. */
import { shown } from "../../checks/shown.ts";
import { FallbackHandler } from "../fallback_handler.ts";
import type { HandlerClass } from "../handler_traits.ts";
import { RequestHandler } from "../request_handler.ts";
import { type Matcher, PathMatches, patternName } from "./matchers.ts";
import { checkRoute } from "./route_check.ts";
import { wayToTarget } from "../../checks/mistakes.ts";
import type { FetchFunction, RoutePattern, Router } from "./routing.ts";

/** A handler with its arguments, or a router. */
export interface ResolvedTarget {
  readonly handlerClass: HandlerClass | null;
  readonly args: object;
  readonly router: Router | null;
}

/**
 * What a target means that is neither a handler class nor a list of routes.
 *
 * @param pattern What leads there, for the error.
 * @throws {TypeError} If the target is none of the kinds there are.
 */
export function otherTarget(pattern: RoutePattern, target: unknown, args: object): ResolvedTarget {
  if (isRouter(target)) return { handlerClass: null, args, router: target };
  const fallback = fetchOf(target);
  if (fallback !== null) {
    return { handlerClass: FallbackHandler, args: { fallback }, router: null };
  }
  throw new TypeError(
    `Cannot route ${patternName(pattern)} to ${targetName(target)}: ${expectedTarget(target)}`,
  );
}

/**
 * Checks what a route hands to its target.
 *
 * @throws {TypeError} If it does not fit.
 */
export function checkTarget(
  { handlerClass, router, args }: ResolvedTarget,
  route: { pattern: RoutePattern; matcher: Matcher; args: object | undefined },
): void {
  const pattern = patternName(route.pattern);
  if (router !== null && Object.keys(route.args ?? {}).length > 0) {
    throw new TypeError(
      `Cannot hand arguments to what the route ${pattern} leads to: only a handler takes some; ` +
        "give them to the routes below",
    );
  }
  const groupCount = route.matcher instanceof PathMatches ? route.matcher.groupCount : undefined;
  if (handlerClass !== null) checkRoute(handlerClass, { pattern, args, groupCount });
}

function targetName(target: unknown): string {
  return target instanceof RequestHandler
    ? `an instance of ${target.constructor.name}`
    : typeof target === "function"
    ? `the class ${target.name}`
    : shown(target);
}

function expectedTarget(target: unknown): string {
  if (target instanceof RequestHandler) {
    return "every request gets an instance of its own; pass the class itself";
  }
  return wayToTarget(target) ??
    "expected a handler class, a list of routes, an Application, a Router, or a fetch function";
}

/** A class that is no handler would be called without `new`, at the first request. */
function isClass(target: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(target));
}

function isRouter(target: unknown): target is Router {
  return typeof target === "object" && target !== null &&
    typeof Reflect.get(target, "findHandler") === "function";
}

function fetchOf(target: unknown): FetchFunction | null {
  if (typeof target === "function") return isClass(target) ? null : target as FetchFunction;
  if (typeof target !== "object" || target === null || !("fetch" in target)) return null;
  const { fetch } = target;
  return typeof fetch === "function" ? fetch.bind(target) as FetchFunction : null;
}
