/** Checks of routes that handler classes make when an application is built. */
import { checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import type { HandlerClass } from "../handler_traits.ts";
import { checkHookNames } from "../../checks/mistakes.ts";

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

/**
 * A class that checks every route to it, and to those that derive from it. A static method, where a block
 * or a registry would keep bundlers from leaving out the class.
 */
interface CheckingClass {
  checkRouteTo(target: HandlerClass, route: RouteToCheck): void;
}

/** Throws if a route cannot work, as the class that it leads to says, or the next one above. */
export function checkRoute(target: HandlerClass, route: RouteToCheck): void {
  checkHookNames(target);
  if (checksRoutes(target)) target.checkRouteTo(target, route);
}

function checksRoutes(target: object): target is CheckingClass {
  return "checkRouteTo" in target && typeof target.checkRouteTo === "function";
}

/** What {@linkcode checkRouteArgs} goes by. */
export interface RouteArgsCheck {
  /** The route. */
  readonly route: RouteToCheck;
  /** What may be handed over. */
  readonly types: OptionTypes;
  /** What has to be. */
  readonly required?: string;
}

/** A class with an `initialize`. */
interface Initialized {
  readonly name: string;
  readonly prototype: { initialize: unknown };
}

/**
 * Checks what a route hands to a handler. A class that has an `initialize` of its own takes what it
 * likes.
 *
 * @param target The class that the route leads to.
 * @param owner The class that it derives from, which knows what it takes.
 * @throws {TypeError} If an argument is unknown, ill-typed or missing.
 */
export function checkRouteArgs(
  target: Initialized,
  owner: Initialized,
  { route, types, required }: RouteArgsCheck,
): void {
  if (target.prototype.initialize !== owner.prototype.initialize) return;
  const { args, pattern, isDefault = false } = route;
  const place = isDefault
    ? `in "defaultHandlerArgs" for ${target.name}`
    : `of the route ${pattern} to ${target.name}`;
  checkOptions(args, types, `argument ${place}`);
  if (required === undefined || Reflect.get(args, required) !== undefined) return;
  if (isDefault) throw noDefault(target, required);
  throw new TypeError(
    `Cannot route ${pattern} to ${target.name} without "${required}": ` +
      `write [${pattern}, ${target.name}, { ${required}: … }]`,
  );
}

function noDefault({ name }: Initialized, required: string): TypeError {
  return new TypeError(
    `Cannot use ${name} as "defaultHandlerClass" without "${required}": ` +
      `set "defaultHandlerArgs" to { ${required}: … }`,
  );
}
