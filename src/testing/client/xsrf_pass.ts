/** The token that a test's client shows, so that no test has to fetch a form first. */
import { settingOf } from "../../checks/option_check.ts";
import type { ApplicationSettings } from "../../web/application_settings.ts";
import { SIGNED_SETTINGS } from "../../web/signed/settings.ts";
import { decodeXsrfToken, encodeXsrfToken, newXsrfToken } from "../../web/signed/xsrf.ts";
import type { TestCookies } from "./test_cookies.ts";

/** The name of the field of a form. */
export const XSRF_FIELD = "_xsrf";
/** The header field, for what is no form. */
export const XSRF_HEADER = "x-xsrftoken";

/**
 * The token that goes with the client's cookie. Without a cookie, or with one that is malformed, a new
 * one is set, as a page of the application would have.
 */
export function xsrfToken(cookies: TestCookies, settings: ApplicationSettings): string {
  const name = settingOf(SIGNED_SETTINGS, settings, "xsrfCookieName");
  const known = decodeXsrfToken(cookies.get(name) ?? "");
  const encoded = encodeXsrfToken(known ?? newXsrfToken());
  if (known === null) cookies.set(name, encoded, settings.xsrfCookieOptions ?? {});
  return encoded;
}
