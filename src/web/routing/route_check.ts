/** Checks of routes that handler classes make when an application is built. */
import type { HandlerClass } from "../handler_traits.ts";

/** What a class looks at. */
export interface RouteToCheck {
  /** What the route matches, as it was written, for the message. */
  readonly pattern: string;
  /** What `initialize` will receive. */
  readonly args: object;
  /** How many groups the pattern has; `undefined` if that is not known. */
  readonly groupCount: number | undefined;
  /** Whether it is what no route leads to: the setting `defaultHandlerClass`. */
  readonly isDefault?: boolean;
}

/** Throws if a route to a class, which may derive from the one that checks, cannot work. */
export type RouteCheck = (target: HandlerClass, route: RouteToCheck) => void;

const checks = new WeakMap<object, RouteCheck>();

/** Makes a class check every route to it, and to those that derive from it. */
export function checkRoutesTo(owner: HandlerClass, check: RouteCheck): void {
  checks.set(owner, check);
}

/** Throws if a route cannot work, as the class that it leads to says, or the next one above. */
export function checkRoute(target: HandlerClass, route: RouteToCheck): void {
  let owner: object | null = target;
  while (owner !== null && !checks.has(owner)) owner = Object.getPrototypeOf(owner);
  if (owner !== null) checks.get(owner)?.(target, route);
}
