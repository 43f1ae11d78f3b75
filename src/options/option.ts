/** One option: its definition, and what it was told. */
import { logApplicationError } from "../log.ts";
import { shown } from "../checks/shown.ts";
import { reportRejection } from "../concurrent/coroutine/promise_like.ts";
import { checkDefinition, type OptionDefinition } from "./option_definition.ts";
import { OptionError } from "./option_error.ts";
import { optionName } from "./option_name.ts";
import {
  choiceReader,
  ownReader,
  typeNameOf,
  VALUE_READERS,
  type ValueReader,
} from "./option_type.ts";

/** Where a value comes from, from what gives way to what wins. */
export type OptionSource = "default" | "file" | "environment" | "command line" | "program";

const RANKS: readonly OptionSource[] = [
  "default",
  "file",
  "environment",
  "command line",
  "program",
];

/** Values that a range of whole numbers may stand for. */
const MAX_RANGE = 100_000;
const RANGE = /^(-?\d{1,15}):(-?\d{1,15})$/;

/** An option. What it is told stays apart by its source, so that the order does not matter. */
export class Option {
  /** The name as it was defined. */
  readonly name: string;
  /** The name as it is written on a command line, without the dashes in front. */
  readonly flag: string;
  /** What was said of it. */
  readonly definition: OptionDefinition;
  /** The environment variable that sets it; `null` if none does. */
  readonly variable: string | null;
  readonly #reader: ValueReader;
  readonly #values: Map<OptionSource, unknown> = new Map();
  #isNews = false;

  /**
   * Defines an option.
   *
   * @param name A name, in camel case, or with `_` or `-` between its words.
   * @param definition What it is.
   * @param envPrefix What the names of environment variables begin with; `undefined` for none.
   * @throws {TypeError} If the definition, or its default, cannot be used.
   */
  constructor(name: string, definition: OptionDefinition, envPrefix?: string) {
    checkDefinition(name, definition);
    this.name = name;
    this.flag = optionName(name);
    this.definition = definition;
    this.variable = variableOf(this.flag, definition, envPrefix);
    this.#reader = readerOf(definition);
    this.#values.set("default", this.#defaultValue());
  }

  /** Whether it takes no value of its own: `--debug` is `--debug=true`. */
  get isSwitch(): boolean {
    return this.#reader === VALUE_READERS.boolean && !this.#isMultiple;
  }

  /** What stands for its value in the help. */
  get metavar(): string {
    return this.definition.metavar ?? this.#reader.metavar;
  }

  /** The value that wins. */
  get value(): unknown {
    return this.#values.get(this.source);
  }

  /** Where the value that wins comes from. */
  get source(): OptionSource {
    return RANKS.findLast((source) => this.#values.has(source)) ?? "default";
  }

  /** The default as it would be written; `null` where there is nothing to show. */
  get shownDefault(): string | null {
    const value = this.#values.get("default");
    if (value === undefined || value === null || value === "" || this.definition.secret) {
      return null;
    }
    if (!Array.isArray(value)) return this.#reader.format(value);
    return value.length === 0 ? null : value.map((item) => this.#reader.format(item)).join(",");
  }

  /** Keeps what it has been told. The result brings that back. */
  checkpoint(): () => void {
    const values = new Map(this.#values);
    const isNews = this.#isNews;
    return () => {
      this.#values.clear();
      for (const [source, value] of values) this.#values.set(source, value);
      this.#isNews = isNews;
    };
  }

  /** Forgets what a source has said. */
  forget(source: OptionSource): void {
    this.#values.delete(source);
  }

  /**
   * Takes texts, each of which may hold several values if the option may.
   *
   * @param place Where they stand, for an error.
   * @throws {OptionError} If one of them cannot be read.
   */
  parse(texts: readonly string[], source: OptionSource, place: string): void {
    const value = this.#isMultiple
      ? texts.flatMap((text) => text === "" ? [] : text.split(","))
        .flatMap((item) => this.#expand(item.trim(), place))
      : this.#read(texts.at(-1) ?? "", place);
    this.#take(source, value);
  }

  /**
   * Takes a value of a file, which has types of its own: a text is read, all else must be of the type.
   *
   * @throws {OptionError} If it is not.
   */
  accept(value: unknown, place: string): void {
    if (typeof value === "string") return this.parse([value], "file", place);
    if (!this.#isMultiple) return this.#take("file", this.#accepted(value, place));
    const items: unknown[] = Array.isArray(value) ? value : [value];
    this.#take(
      "file",
      items.flatMap((item) =>
        typeof item === "string" ? this.#expand(item, place) : this.#accepted(item, place)
      ),
    );
  }

  /**
   * Takes a value of the program's, before which all else gives way.
   *
   * @throws {TypeError} If it is of another type.
   */
  assign(value: unknown): void {
    const items = this.#isMultiple ? value : [value];
    const fits = Array.isArray(items) && items.every((item) => this.#reader.test(item));
    if (!fits) {
      const given = this.definition.secret ? "the value given" : shown(value);
      throw new TypeError(
        `Cannot set the option "${this.name}" to ${given}: expected ${this.#expected}`,
      );
    }
    this.#take("program", value);
  }

  /** Calls the callback, if there is something new that it was not called with. */
  notify(): void {
    if (!this.#isNews) return;
    this.#isNews = false;
    const result: unknown = this.definition.callback?.(this.value);
    reportRejection(result, (error) => {
      logApplicationError(`Exception in the callback of the option "${this.name}"`, error);
    });
  }

  #take(source: OptionSource, value: unknown): void {
    this.#values.set(source, value);
    if (this.source === source) this.#isNews = true;
  }

  #expand(item: string, place: string): unknown[] {
    const [, first, last] = this.#reader === VALUE_READERS.int ? RANGE.exec(item) ?? [] : [];
    if (first === undefined || last === undefined) return [this.#read(item, place)];
    const count = Number(last) - Number(first) + 1;
    if (count < 1 || count > MAX_RANGE) {
      throw this.#error(
        item,
        place,
        `a range from the smaller to the larger, of at most ${MAX_RANGE}`,
      );
    }
    return Array.from({ length: count }, (_, index) => Number(first) + index);
  }

  #read(text: string, place: string): unknown {
    try {
      const value = this.#reader.parse(text);
      if (value !== undefined && !Number.isNaN(value)) return value;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = this.definition.secret ? "what its type can read" : reason;
      throw this.#error(text, place, hint, { cause });
    }
    throw this.#error(text, place);
  }

  #accepted(value: unknown, place: string): unknown {
    const own = typeof this.definition.type === "function";
    if (own || !this.#reader.test(value)) {
      throw this.#error(value, place, own ? "a string" : this.#reader.name);
    }
    return value;
  }

  #error(
    given: unknown,
    place: string,
    expected: string = this.#reader.name,
    options?: ErrorOptions,
  ): OptionError {
    const what = this.definition.secret ? "the value given" : shown(given);
    const problem = options === undefined ? `expected ${expected}` : expected;
    return new OptionError(
      `Cannot use ${what} as the option --${this.flag} ${place}: ${problem}`,
      // What read a secret may quote it.
      this.definition.secret ? undefined : options,
    );
  }

  get #isMultiple(): boolean {
    return this.definition.multiple === true;
  }

  get #expected(): string {
    return this.#isMultiple ? `an array, each of it ${this.#reader.name}` : this.#reader.name;
  }

  #defaultValue(): unknown {
    const { default: value } = this.definition;
    if (value === undefined || value === null) return this.#isMultiple ? [] : value;
    const items = this.#isMultiple ? value : [value];
    const own = typeof this.definition.type === "function";
    if (own || Array.isArray(items) && items.every((item) => this.#reader.test(item))) return value;
    throw new TypeError(
      `Cannot define the option "${this.name}" with ${
        this.definition.secret ? "its default" : `the default ${shown(value)}`
      }: expected ${this.#expected}`,
    );
  }
}

function readerOf({ type, choices, default: value }: OptionDefinition): ValueReader {
  if (choices !== undefined) return choiceReader(choices);
  if (typeof type === "function") return ownReader(type);
  return VALUE_READERS[type ?? typeNameOf(Array.isArray(value) ? value[0] : value)];
}

function variableOf(
  flag: string,
  { env }: OptionDefinition,
  prefix: string | undefined,
): string | null {
  if (env !== undefined) return env === false ? null : env;
  return prefix === undefined ? null : prefix + flag.toUpperCase().replaceAll("-", "_");
}
