/**
 * The settings of parts that came along. In the package for Workers a part has its table of settings
 * with it, so that an application without the part does not carry the table.
 */
import type { OptionType, OptionTypes } from "./option_check.ts";

/** What a part knows of its settings. */
export interface BroughtSettings {
  /** What may stand in each. */
  readonly types: OptionTypes;
  /** Looks at what a type cannot tell. */
  readonly check?: (settings: object) => void;
}

const types: Record<string, OptionType> = {};
const checks: ((settings: object) => void)[] = [];

/**
 * Has a part bring its settings along. Bundlers leave out the call with the part, so that it must be
 * what a constant of a module is made by.
 *
 * @param part What nobody can have without the settings.
 * @returns The part.
 */
export function bringing<Part>(part: Part, brought: BroughtSettings): Part {
  Object.assign(types, brought.types);
  if (brought.check !== undefined) checks.push(brought.check);
  return part;
}

/** What may stand in the settings of the parts that are there. */
export function broughtTypes(): OptionTypes {
  return types;
}

/** @throws {TypeError} If a part that is there cannot use its settings. */
export function checkBrought(settings: object): void {
  for (const check of checks) check(settings);
}
