/** Tables of settings: what may stand in each, and what holds where nothing does. */
import type { OptionType } from "./option_check.ts";

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
