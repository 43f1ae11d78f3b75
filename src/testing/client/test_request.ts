/** The request that a test's client sends. */
import type { ApplicationSettings } from "../../web/application_settings.ts";
import { needsXsrfToken } from "../../web/signed/xsrf.ts";
import { encodeContent, isForm } from "./request_content.ts";
import type { TestRequestOptions } from "./request_options.ts";
import type { TestCookies } from "./test_cookies.ts";
import { XSRF_FIELD, XSRF_HEADER, xsrfToken } from "./xsrf_pass.ts";

/** Who sends it, and to whom. */
export interface Sender {
  /** The client's cookies. */
  readonly cookies: TestCookies;
  /** The settings of the application. */
  readonly settings: ApplicationSettings;
}

/**
 * Makes a request, with the cookies of the client and the token that goes with them.
 *
 * @throws {TypeError} If its content cannot be sent.
 */
export function makeRequest(url: URL, options: TestRequestOptions, sender: Sender): Request {
  const method = methodOf(options);
  const headers = new Headers(options.headers);
  // Before the cookies, which it may add to.
  const token = tokenOf(method, headers, options, sender);
  if (token !== null && !isForm(options)) headers.set(XSRF_HEADER, token);
  if (!headers.has("host")) headers.set("host", url.host);
  const cookie = headers.has("cookie") ? "" : sender.cookies.getCookieString(url.href);
  if (cookie !== "") headers.set("cookie", cookie);
  const field: Record<string, string> = token === null ? {} : { [XSRF_FIELD]: token };
  const { body, type, length } = encodeContent(options, field);
  if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
  if (length !== undefined) headers.set("content-length", String(length));
  return new Request(url, { method, headers, body, redirect: "manual", ...initOf(options) });
}

function methodOf({ method, form, files, json, body }: TestRequestOptions): string {
  if (method !== undefined) return method;
  return [form, files, json, body].every((content) => content === undefined) ? "GET" : "POST";
}

/** The token, where one is needed and the test has given none. */
function tokenOf(
  method: string,
  headers: Headers,
  { xsrf, form }: TestRequestOptions,
  { cookies, settings }: Sender,
): string | null {
  const isWanted = (xsrf ?? settings.xsrfCookies ?? false) && needsXsrfToken(method);
  const isGiven = headers.has(XSRF_HEADER) || form?.[XSRF_FIELD] !== undefined;
  return isWanted && !isGiven ? xsrfToken(cookies, settings) : null;
}

function initOf({ signal, body }: TestRequestOptions): RequestInit {
  return {
    ...signal !== undefined && { signal },
    // What asks for it is a stream of a test's own.
    ...body instanceof ReadableStream && { duplex: "half" },
  };
}
