/** The check of what a route hands to one of the library's own handlers. */
import { checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import type { RouteToCheck } from "./route_check.ts";

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
