/** The routes of an application, for those who have missed them. */
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { FallbackHandler } from "../fallback_handler.ts";
import type { HandlerClass } from "../handler_traits.ts";
import { type Rule, RuleRouter, rulesOf, targetOf } from "../routing/routing.ts";

/** A route, as it is shown. */
export interface RouteLine {
  /** What it matches, with that of the routes around it before. */
  readonly pattern: string;
  /** Where it leads. */
  readonly target: string;
  /** Its name, or `""`. */
  readonly name: string;
  /** The class of its handler; `null` if it leads to a router. */
  readonly handlerClass: HandlerClass | null;
  /** The rules on the way to it, outermost first. */
  readonly rules: readonly Rule[];
}

/** Routes that are listed. */
const MAX_ROUTES = 200;
/** Characters of a path that are compared. */
const MAX_PATH = 200;

/** The routes, in the order in which they are tried. */
export function routesOf(routers: readonly RuleRouter[]): RouteLine[] {
  return routers.flatMap((router) => linesOf(router, [])).slice(0, MAX_ROUTES);
}

function linesOf(router: RuleRouter, above: readonly Rule[]): RouteLine[] {
  return rulesOf(router).flatMap((rule) => {
    const rules = [...above, rule];
    if (rule.router instanceof RuleRouter) return linesOf(rule.router, rules);
    const pattern = rules.map(patternOf).filter((each) => each !== "").join(" ");
    const { handlerClass } = targetOf(rule);
    return [{ pattern, target: targetName(rule), name: rule.name ?? "", rules, handlerClass }];
  });
}

/** A matcher of an application's own may tell what it matches. */
function patternOf({ matcher }: Rule): string {
  if (matcher.toString !== Object.prototype.toString) return String(matcher);
  const { name } = matcher.constructor;
  return name === "AnyMatches" ? "*" : name === "Object" ? "(a matcher)" : `(${name})`;
}

function targetName(rule: Rule): string {
  const { handlerClass, args, router } = targetOf(rule);
  if (handlerClass === null) return router?.constructor.name ?? "";
  if (handlerClass !== FallbackHandler) return handlerClass.name || "a handler without a name";
  const { fallback } = Object(args);
  return typeof fallback === "function" && fallback.name !== "" ? fallback.name : "a function";
}

/** The route that leads to a handler; `undefined` if none of those that are known does. */
export function routeTo(
  handlerClass: HandlerClass,
  request: HTTPServerRequest,
  lines: readonly RouteLine[],
): RouteLine | undefined {
  return lines.find((line) => line.handlerClass === handlerClass && matches(line, request));
}

function matches({ rules }: RouteLine, request: HTTPServerRequest): boolean {
  try {
    return rules.every(({ matcher }) => matcher.match(request) !== null);
  } catch {
    return false;
  }
}

/** The routes, those first whose pattern is nearest to a path. */
export function nearestFirst(path: string, lines: readonly RouteLine[]): RouteLine[] {
  const wanted = segmentsOf(path.slice(0, MAX_PATH));
  return lines
    .map((line) => ({ line, apart: apart(wanted, segmentsOf(line.pattern.slice(0, MAX_PATH))) }))
    .sort((a, b) => a.apart - b.apart)
    .map(({ line }) => line);
}

function segmentsOf(path: string): string[] {
  return path.toLowerCase().split("/").filter((segment) => segment !== "");
}

/** How many segments differ, each by how much of it does. One that is missing is more than half. */
function apart(path: readonly string[], pattern: readonly string[]): number {
  const shared = Math.min(path.length, pattern.length);
  let sum = 0.6 * Math.abs(path.length - pattern.length);
  for (let i = 0; i < shared; i++) sum += apartIn(path[i] ?? "", pattern[i] ?? "");
  return sum;
}

/** A group takes anything, though what was written out is nearer. */
function apartIn(segment: string, pattern: string): number {
  if (segment === pattern) return 0;
  if (/[:(*]/.test(pattern)) return 0.3;
  return 2 * changes(segment, pattern) / Math.max(segment.length, pattern.length);
}

/** How many letters are to be changed, added, left out, or exchanged with their neighbour. */
function changes(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? (before[j - 2] ?? 0) + 1
        : 99;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
