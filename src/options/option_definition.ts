/** What is said of an option when it is defined, and the type that it has by that. */
import {
  ANYTHING,
  BOOLEAN,
  checkOptions,
  FUNCTION,
  type OptionType,
  STRING,
} from "../checks/option_check.ts";
import { type OptionTypeName, type OptionTypeValues, VALUE_READERS } from "./option_type.ts";

/**
 * What an option is (`tornado.options.define`). Its type is that of `type`, of `choices`, or else of
 * `default`; a string if nothing tells.
 *
 * @category Options
 */
export interface OptionDefinition {
  /** What holds if nobody says anything. Without one it is `undefined`, or `[]` with `multiple`. */
  readonly default?: unknown;
  /** How a text is read: a built-in type, or a function that throws for what it cannot read. */
  readonly type?: OptionTypeName | ((text: string) => unknown);
  /** The texts that are accepted, and no other. */
  readonly choices?: readonly string[];
  /** What it is for, in the help. */
  readonly help?: string;
  /** What stands for its value in the help. Default: the name of the type. */
  readonly metavar?: string;
  /** Under which heading the help lists it. Default `""`: the first one. */
  readonly group?: string;
  /**
   * Several values, in an array: the option is repeated, or has commas between them. `1:4` stands for
   * the whole numbers 1, 2, 3 and 4. Default `false`.
   */
  readonly multiple?: boolean;
  /**
   * The environment variable that sets it. Only those that are named are read, so that Deno asks for
   * no other. Default: by the `envPrefix` of all of them, if there is one; `false` for none.
   */
  readonly env?: string | false;
  /** Neither errors nor the help show a value of it. Default `false`. */
  readonly secret?: boolean;
  /** Is called with the value when it was parsed, after all of them were. */
  callback?(value: unknown): void;
}

/**
 * The type of the value of an option.
 *
 * @typeParam Definition What was said of it, with `multiple` and `type` as literals.
 *
 * @category Options
 */
export type OptionValue<Definition extends OptionDefinition> = Definition extends { multiple: true }
  ? OptionItem<Definition>[]
  : Definition extends { default: infer Default }
    ? OptionItem<Definition> | (Default & (null | undefined))
  : OptionItem<Definition> | undefined;

/**
 * The type of one of the values of an option.
 *
 * @typeParam Definition What was said of it.
 *
 * @category Options
 */
export type OptionItem<Definition extends OptionDefinition> = Definition extends
  { choices: readonly (infer Choice)[] } ? Choice
  : Definition extends { type: infer Type } ? Type extends OptionTypeName ? OptionTypeValues[Type]
    : Type extends (text: string) => infer Value ? Value
    : never
  : Definition extends { default: infer Default } ? WidenedDefault<Default>
  : string;

/**
 * The type that a default tells: `number` of `8888`.
 *
 * @typeParam Default The type of the default.
 *
 * @category Options
 */
export type WidenedDefault<Default> = Default extends readonly (infer Item)[] ? WidenedDefault<Item>
  : Default extends number ? number
  : Default extends boolean ? boolean
  : Default extends Date ? Date
  : string;

const TYPE_NAMES = Object.keys(VALUE_READERS);

const TYPE: OptionType = {
  name: `${
    TYPE_NAMES.map((name) => JSON.stringify(name)).join(", ")
  } or a function that reads a text`,
  test: (value) => TYPE_NAMES.some((name) => name === value) || FUNCTION.test(value),
};
const CHOICES: OptionType = {
  name: "an array of strings, at least one",
  test: (value) => Array.isArray(value) && value.length > 0 && value.every(STRING.test),
};
const ENV: OptionType = {
  name: "the name of an environment variable, or false",
  test: (value) => value === false || typeof value === "string" && /^[A-Za-z_]\w*$/.test(value),
};

const DEFINITION: Readonly<Record<keyof OptionDefinition, OptionType>> = {
  default: ANYTHING,
  type: TYPE,
  choices: CHOICES,
  help: STRING,
  metavar: STRING,
  group: STRING,
  multiple: BOOLEAN,
  env: ENV,
  secret: BOOLEAN,
  callback: FUNCTION,
};

/** What would read any text as something: `Number("x")` is a number, `Boolean("false")` is true. */
const CONSTRUCTORS = new Map<unknown, OptionTypeName>([
  [Number, "float"],
  [String, "string"],
  [Boolean, "boolean"],
  [Date, "date"],
]);

/**
 * Checks what was said of an option.
 *
 * @throws {TypeError} If a member is unknown or ill-typed.
 */
export function checkDefinition(name: string, definition: OptionDefinition): void {
  checkOptions(definition, DEFINITION, `member of the definition of the option "${name}"`);
  const { type, choices } = definition;
  const meant = CONSTRUCTORS.get(type);
  if (meant !== undefined) {
    throw new TypeError(
      `Cannot define the option "${name}" with a constructor: write type: "${meant}"`,
    );
  }
  if (type === undefined || choices === undefined || type === "string") return;
  throw new TypeError(
    `Cannot define the option "${name}" with "type" and "choices": give one of them`,
  );
}
