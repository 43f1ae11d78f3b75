/** Which locale the visitor of a handler has. */
import { atOnce } from "../concurrent/coroutine/promise_like.ts";
import { acceptedLanguages } from "../text/locale/language_tag.ts";
import type { Locale } from "../text/locale/locale.ts";
import { get as getLocale } from "../text/locale/registry.ts";
import type { RequestHandler } from "./request_handler.ts";

/** What to do in place of an async hook. */
const SET_LOCALE = "it must not be async; set this.locale in an async prepare()";

/** The handlers whose locale is being found. */
const finding = new Set<RequestHandler>();

/**
 * The locale that the user chose, or else that of the browser.
 *
 * @param handler Whose `getUserLocale` and `getBrowserLocale` find it.
 * @throws {Error} If these ask for it.
 */
export function visitorLocale(handler: RequestHandler): Locale {
  if (finding.has(handler)) {
    throw new Error(
      "Cannot use this.locale while getUserLocale() or getBrowserLocale() runs: they are what " +
        "finds the locale out",
    );
  }
  finding.add(handler);
  try {
    const locale = userLocale(handler) ?? handler.getBrowserLocale();
    return atOnce(locale, "getBrowserLocale()", SET_LOCALE);
  } finally {
    finding.delete(handler);
  }
}

function userLocale(handler: RequestHandler): Locale | null {
  const chosen = atOnce(handler.getUserLocale(), "getUserLocale()", SET_LOCALE);
  return typeof chosen === "string" ? getLocale(chosen) : chosen;
}

/**
 * The supported locale that is closest to the `Accept-Language` header.
 *
 * @param handler Whose request has the header.
 * @param defaultCode The code if the header names none.
 */
export function browserLocale({ request }: RequestHandler, defaultCode: string): Locale {
  const accepted = acceptedLanguages(request.header("accept-language") ?? "");
  return accepted.length === 0 ? getLocale(defaultCode) : getLocale(...accepted);
}
