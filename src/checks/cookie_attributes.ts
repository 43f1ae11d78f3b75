/** The check of the attributes that a caller gives a cookie. */
import {
  ANYTHING,
  BOOLEAN,
  checkOptions,
  NUMBER,
  type OptionType,
  STRING,
} from "./option_check.ts";
import type { CookieAttributes } from "../http/fields/cookie.ts";

const TIME: OptionType = {
  name: "a Date or a number of milliseconds",
  test: (value) => value instanceof Date || typeof value === "number",
};

/** The types of {@linkcode CookieAttributes}. */
export const COOKIE_ATTRIBUTES: Readonly<Record<keyof CookieAttributes, OptionType>> = {
  domain: STRING,
  path: STRING,
  expires: TIME,
  expiresDays: NUMBER,
  maxAge: NUMBER,
  secure: BOOLEAN,
  httpOnly: BOOLEAN,
  sameSite: ANYTHING,
  partitioned: BOOLEAN,
};

/**
 * Checks that each attribute is one, and of the right type.
 *
 * @param name The cookie's, for the error.
 * @throws {TypeError} If an attribute is unknown or ill-typed; the message names it.
 */
export function checkCookieAttributes(name: string, attributes: CookieAttributes): void {
  checkOptions(attributes, COOKIE_ATTRIBUTES, `attribute of the cookie "${name}"`);
}
