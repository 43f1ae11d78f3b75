/** Cookies that clients cannot change. */
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import type { CookieSecret } from "./cookie_secret.ts";
import type { RequestHandler } from "../request_handler.ts";
import {
  createSignedValue,
  type CreateSignedValueOptions,
  decodeSignedBytes,
  decodeSignedValue,
  type DecodeSignedValueOptions,
  getSignatureKeyVersion,
} from "./signed_value.ts";
import { served } from "../request/served_request.ts";

/**
 * How a signed cookie is sent; see `RequestHandler.setSignedCookie`.
 *
 * @category Cookies and sessions
 */
export interface SignedCookieOptions
  extends Omit<CookieAttributes, "expiresDays">, Pick<CreateSignedValueOptions, "version"> {
  /**
   * In how many days from now the browser forgets the cookie; `null` for when it is closed. Default
   * 30. Its signature expires by the `maxAgeDays` of the reader, whatever stands here.
   */
  readonly expiresDays?: number | null | undefined;
}

/**
 * Which signed cookie is accepted; see `RequestHandler.getSignedCookie`.
 *
 * @category Cookies and sessions
 */
export interface GetSignedCookieOptions
  extends Pick<DecodeSignedValueOptions, "maxAgeDays" | "minVersion"> {
  /** A signed value that came by another way, in place of the cookie of the request. */
  readonly value?: string | null | undefined;
}

/** See `RequestHandler.setSignedCookie`. */
export function setSignedCookie(
  handler: RequestHandler,
  name: string,
  value: string | Uint8Array,
  options: SignedCookieOptions,
): void {
  const safe = protectedCookie(handler, name);
  const {
    version,
    expiresDays = 30,
    httpOnly = safe.httpOnly,
    sameSite = safe.sameSite,
    secure = safe.secure,
    ...attributes
  } = options;
  const { keyVersion } = handler.settings;
  const signed = createSignedValue(secretOf(handler), name, value, { version, keyVersion });
  handler.setCookie(name, signed, {
    httpOnly,
    sameSite,
    secure,
    ...attributes,
    expiresDays: expiresDays ?? undefined,
  });
}

/** See `RequestHandler.getSignedCookie`. */
export function getSignedText(
  handler: RequestHandler,
  name: string,
  options: GetSignedCookieOptions,
): string | null {
  return decodeSignedValue(secretOf(handler), name, sent(handler, name, options), options);
}

/** See `RequestHandler.getSignedCookieBytes`. */
export function getSignedBytes(
  handler: RequestHandler,
  name: string,
  options: GetSignedCookieOptions,
): Uint8Array | null {
  return decodeSignedBytes(secretOf(handler), name, sent(handler, name, options), options);
}

/** See `RequestHandler.getSignedCookieKeyVersion`. */
export function getSignedKeyVersion(
  handler: RequestHandler,
  name: string,
  options: Pick<GetSignedCookieOptions, "value">,
): number | null {
  return getSignatureKeyVersion(sent(handler, name, options));
}

function sent(
  handler: RequestHandler,
  name: string,
  { value }: Pick<GetSignedCookieOptions, "value">,
): string | null {
  if (value !== undefined) return value;
  served(handler.request).cookiesRead = true;
  return handler.getCookie(name);
}

function secretOf(handler: RequestHandler): CookieSecret {
  return handler.requireSetting("cookieSecret", "signed cookies");
}

/** The attributes of a cookie that nobody but the server is to read. */
export function protectedCookie(handler: RequestHandler, name: string): CookieAttributes {
  return { httpOnly: true, sameSite: "Lax", secure: needsHttps(handler, name) };
}

/** Whether a cookie is to be sent over https only: it came that way, or its name demands it. */
export function needsHttps(handler: RequestHandler, name: string): boolean {
  // Browsers take cookies of these names over https, and from localhost, with "Secure" only.
  return handler.request.protocol === "https" || /^__(?:Host|Secure)-/i.test(name);
}
