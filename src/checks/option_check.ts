/** The check of option objects: unknown names and ill-typed values are errors that tell the way out. */

import { suggest } from "./mistakes.ts";
import { shown } from "./shown.ts";

/** What may stand in an option: a test, and its name in an error. */
export interface OptionType {
  /** What it is called in an error, with its article. */
  readonly name: string;
  /** Whether a value is of the type. */
  readonly test: (value: unknown) => boolean;
  /** An error must not quote the value. */
  readonly secret?: boolean;
  /** A number that does not pass is a `RangeError`. */
  readonly isRange?: boolean;
}

/** The types of the options of one object, by their names. */
export type OptionTypes = Readonly<Record<string, OptionType>>;

/** `true` or `false`. */
export const BOOLEAN: OptionType = {
  name: "a boolean",
  test: (value) => typeof value === "boolean",
};
/** Text. */
export const STRING: OptionType = { name: "a string", test: (value) => typeof value === "string" };
/** Text that no error may quote. */
export const SECRET: OptionType = { ...STRING, secret: true };
/** Any number; its range is checked elsewhere. */
export const NUMBER: OptionType = { name: "a number", test: (value) => typeof value === "number" };
/** Anything that has members. */
export const OBJECT: OptionType = {
  name: "an object",
  test: (value) => typeof value === "object" && value !== null,
};
/** What is checked elsewhere. */
export const ANYTHING: OptionType = { name: "anything", test: () => true };
/** A function. */
export const FUNCTION: OptionType = {
  name: "a function",
  test: (value) => typeof value === "function",
};
/** A number from 0, `Infinity` included: bytes, milliseconds, or a count that may have no bound. */
export const SIZE: OptionType = {
  name: "a number from 0",
  test: (value) => typeof value === "number" && value >= 0,
};
/** A number of milliseconds above 0 that ends. */
export const MILLISECONDS: OptionType = {
  name: "a number of milliseconds above 0",
  test: (value) => typeof value === "number" && value > 0 && value < Infinity,
};
/** A whole number from 0. */
export const COUNT: OptionType = {
  name: "a whole number from 0",
  test: (value) => Number.isInteger(value) && Number(value) >= 0,
};
/** A whole number from 1, or `Infinity`. */
export const LIMIT: OptionType = {
  name: "a whole number from 1, or Infinity",
  test: (value) => value === Infinity || Number.isInteger(value) && Number(value) >= 1,
};
/** A list of texts. */
export const STRINGS: OptionType = {
  name: "an array of strings",
  test: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
/** A list of functions. */
export const FUNCTIONS: OptionType = {
  name: "an array of functions",
  test: (value) => Array.isArray(value) && value.every((item) => typeof item === "function"),
};
/** What cancels something. */
export const SIGNAL: OptionType = {
  name: "an AbortSignal",
  test: (value) => value instanceof AbortSignal,
};

/**
 * One of some texts.
 *
 * @param values The texts, at least two.
 */
export function oneOf<Value extends string>(...values: readonly Value[]): OptionType {
  const quoted = values.map((value) => JSON.stringify(value));
  return {
    name: `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`,
    test: (value) => values.some((each) => each === value),
  };
}

/**
 * Checks an object of options. One whose value is `undefined` counts as not given.
 *
 * @param types What may stand in each.
 * @param what What one of them is called in the message, such as `"setting"`. Default `"option"`.
 * @param hint What else to say of an unknown one; `""` for nothing, then the likeliest name is given.
 * @throws {TypeError} If one is unknown or ill-typed; the message names it.
 * @throws {RangeError} If a number is out of a range.
 */
export function checkOptions(
  values: object,
  types: OptionTypes,
  what = "option",
  hint: (name: string) => string = () => "",
): void {
  checkObject(values, types, what);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) {
      const wayOut = hint(name) || suggest(name, types) || listOf(types);
      throw new TypeError(`Unknown ${what} "${name}"${wayOut}`);
    }
    if (type.test(value)) continue;
    const given = type.secret ? "the value given" : quoted(value);
    const Kind = type.isRange === true && typeof value === "number" ? RangeError : TypeError;
    throw new Kind(`Cannot use ${given} as the ${what} "${name}": expected ${type.name}`);
  }
}

/** All there is, where that is no long list. */
function listOf(types: OptionTypes): string {
  const names = Object.keys(types).map((name) => JSON.stringify(name));
  return names.length > 8 ? "" : `: there is ${names.join(", ")}`;
}

/** A caller without types may give anything. */
function checkObject(values: unknown, types: OptionTypes, what: string): void {
  if (OBJECT.test(values) && !Array.isArray(values)) return;
  const example = Object.keys(types)[0] ?? "name";
  throw new TypeError(
    `Cannot read any ${what} from ${quoted(values)}: expected an object, such as { ${example}: … }`,
  );
}

/** Of a list, it may be an item that is wrong. */
function quoted(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shown).join(", ")}]` : shown(value);
}

// ---- tables of settings: what may stand in each, and what holds where nothing does

/** A setting that has a default. */
export interface Setting<Value> extends OptionType {
  /** What holds where it is not set. */
  readonly default: Value;
}

/**
 * The settings of one part: a row for each member of the interface that documents them. A row that is
 * missing is a type error, and so is one too many.
 *
 * @typeParam Settings The interface.
 * @typeParam Unset The names of those that have no default.
 */
export type SettingTable<Settings extends object, Unset extends keyof Settings = never> = {
  readonly [Name in keyof Settings]-?: Name extends Unset ? OptionType
    : Setting<NonNullable<Settings[Name]>>;
};

/**
 * The value of a setting, or its default.
 *
 * @param table Where the default stands.
 * @param settings What was set. A member that is `undefined` was not.
 */
export function settingOf<Settings extends object, Name extends keyof Settings>(
  table: { readonly [Each in Name]: Setting<NonNullable<Settings[Each]>> },
  settings: Settings,
  name: Name,
): NonNullable<Settings[Name]> {
  return settings[name] ?? table[name].default;
}
