/** The settings of cookies, of what is signed, and of tokens against cross-site request forgery. */
import {
  ANYTHING,
  BOOLEAN,
  checkOptions,
  NUMBER,
  OBJECT,
  type OptionType,
  type SettingTable,
  STRING,
} from "../../checks/option_check.ts";
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import {
  checkKeyVersion,
  type CookieSecret,
  isCookieSecret,
  isKeyVersion,
} from "./cookie_secret.ts";

/**
 * What an application can be told of what it signs.
 *
 * @category Cookies and sessions
 */
export interface SignedSettings {
  /**
   * Check the token against cross-site request forgery on every method but GET, HEAD and OPTIONS; see
   * `RequestHandler.checkXsrfCookie`. Default `false`: set it wherever browsers log in by a cookie.
   */
  xsrfCookies?: boolean;
  /**
   * With `xsrfCookies`: refuse such a request, token or not, if the browser says that a page of another
   * origin made it, by `Sec-Fetch-Site` or else by `Origin`; one that says neither is judged by its
   * token alone. It guards where a token has leaked, or a subdomain that someone else runs has planted
   * a cookie of its own. Default `false`: behind a proxy that changes `Host`, `Origin` never matches,
   * and forms on other origins of yours, subdomains included, no longer work.
   */
  xsrfCheckOrigin?: boolean;
  /** The name of the token's cookie. Default `"_xsrf"`. */
  xsrfCookieName?: string;
  /**
   * Attributes of the token's cookie. Default `path: "/"`, `sameSite: "Lax"`, and `secure` where the
   * request came by https.
   */
  xsrfCookieOptions?: CookieAttributes;
  /**
   * What signed cookies are signed with: text (its UTF-8 counts) or bytes, or a record of them by
   * version, for rotation; see `keyVersion`. Default none.
   *
   * Whoever knows it can forge every signed cookie, and so log in as anyone. Take at least 32 random
   * bytes, such as the output of `openssl rand -base64 32`, and read them from the environment or a
   * secret store, never from the source. A changed secret makes all cookies invalid that it signed.
   * It is hidden from `Object.keys`, JSON, `console.log` and copies of the application's settings.
   */
  cookieSecret?: CookieSecret;
  /**
   * The version of the secret that signs, where `cookieSecret` is a record: the others go on to verify
   * what they signed. Default none; needed then, and only then.
   */
  keyVersion?: number;
}

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

const COOKIE_SECRET: OptionType = {
  name: "a string or bytes, not empty, or a record of at least one of them by its version",
  test: isCookieSecret,
  secret: true,
};
const KEY_VERSION: OptionType = { name: "a whole number from 0", test: isKeyVersion };

/** The checks and defaults of {@linkcode SignedSettings}. */
export const SIGNED_SETTINGS: SettingTable<SignedSettings, "cookieSecret" | "keyVersion"> = {
  xsrfCookies: { ...BOOLEAN, default: false },
  xsrfCheckOrigin: { ...BOOLEAN, default: false },
  xsrfCookieName: { ...STRING, default: "_xsrf" },
  xsrfCookieOptions: { ...OBJECT, default: {} },
  cookieSecret: COOKIE_SECRET,
  keyVersion: KEY_VERSION,
};

/**
 * Checks what the settings of this part say together.
 *
 * @throws {TypeError} If an attribute of the token's cookie is unknown or ill-typed, the key version
 *   does not belong to the secret, or an origin is to be checked without a token.
 */
export function checkSignedSettings(settings: SignedSettings): void {
  const { xsrfCookieOptions, xsrfCheckOrigin, xsrfCookies, cookieSecret, keyVersion } = settings;
  if (xsrfCookieOptions !== undefined) {
    checkOptions(xsrfCookieOptions, COOKIE_ATTRIBUTES, 'attribute in "xsrfCookieOptions"');
  }
  if (cookieSecret !== undefined || keyVersion !== undefined) {
    checkKeyVersion(cookieSecret, keyVersion);
  }
  if (xsrfCheckOrigin && !xsrfCookies) {
    throw new TypeError('Cannot use the setting "xsrfCheckOrigin" without "xsrfCookies": set both');
  }
}
