import type { OptionType } from "../checks/option_check.ts";

/** What may stand in the option `autoescape`. */
export const AUTOESCAPE: OptionType = {
  name: "the name of a function, a function, or null",
  test: (value) => value === null || typeof value === "string" || typeof value === "function",
};
