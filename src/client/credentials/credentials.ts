/** User and password of a request: from its options, or from its URL. */
import type { HTTPRequestOptions } from "../http_request.ts";

/** A user and a password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A URL without its user and password, and these. */
export interface SeparatedUrl {
  readonly url: string;
  readonly credentials: Credentials | null;
}

const HTTP_URL = /^https?:\/\//i;

/**
 * Takes user and password, and the fragment, out of a URL.
 *
 * @throws {TypeError} If it is not an absolute URL of HTTP. One that has nothing to take out is not
 * read here, as `fetch` does so anyway.
 */
export function separateCredentials(url: string): SeparatedUrl {
  if (isPlain(url)) return { url, credentials: null };
  const parsed = HTTP_URL.test(url) ? URL.parse(url) : null;
  if (parsed === null) throw urlError(url);
  const credentials = parsed.username === "" && parsed.password === "" ? null : {
    username: decode(parsed.username),
    password: decode(parsed.password),
  };
  parsed.username = "";
  parsed.password = "";
  parsed.hash = "";
  return { url: parsed.href, credentials };
}

/**
 * The user and password of a request: those of its options go before those of its URL. They are
 * brought into NFC (RFC 7617 §2.1, RFC 7616 §3.3), so that it does not matter how they were typed.
 */
export function credentialsOf(
  { authUsername, authPassword }: HTTPRequestOptions,
  ofUrl: Credentials | null,
): Credentials | null {
  const given = authUsername === undefined
    ? ofUrl
    : { username: authUsername, password: authPassword ?? "" };
  return given && {
    username: given.username.normalize("NFC"),
    password: given.password.normalize("NFC"),
  };
}

/** What a URL is refused with. */
export function urlError(url: string): TypeError {
  const shown = JSON.stringify(url.slice(0, 80).replace(/\/\/[^/?#]*@/, "//"));
  return new TypeError(`Cannot fetch ${shown}: it is not an absolute URL of HTTP`);
}

function isPlain(url: string): boolean {
  const isHttp = url.startsWith("http://") || url.startsWith("https://");
  return isHttp && !url.includes("@") && !url.includes("#");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
