/** What a request of a test can be told, and the check of it. */
import {
  ANYTHING,
  BOOLEAN,
  checkOptions,
  NUMBER,
  OBJECT,
  type OptionType,
  SIGNAL,
  STRING,
} from "../../checks/option_check.ts";
import type { RequestContent } from "./request_content.ts";

/**
 * Options of a request.
 *
 * @category Testing
 */
export interface TestRequestOptions extends RequestContent {
  /** The method, of `fetch` only; `GET` unless given, `POST` with a content. */
  readonly method?: string;
  /** Header fields. One of `Cookie` is sent in place of the cookies that are kept. */
  readonly headers?: HeadersInit;
  /** Fields of the query, added to those of the path. */
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Whether redirects are followed, up to 20 and within the application. Default `false`. */
  readonly follow?: boolean;
  /** The status that is expected: any other fails, with the beginning of the body. Default: any. */
  readonly status?: number;
  /**
   * Whether a token against cross-site request forgery goes along, in a field of the form or else in
   * `X-Xsrftoken`. Default: where the application has the setting `xsrfCookies`.
   */
  readonly xsrf?: boolean;
  /** The address that the client has; without a socket only. Default `"127.0.0.1"`. */
  readonly remoteIp?: string;
  /** Leaves before the response is complete. */
  readonly signal?: AbortSignal;
}

const TYPES: Readonly<Record<keyof TestRequestOptions, OptionType>> = {
  method: STRING,
  headers: OBJECT,
  query: OBJECT,
  form: OBJECT,
  files: OBJECT,
  json: ANYTHING,
  body: ANYTHING,
  follow: BOOLEAN,
  status: NUMBER,
  xsrf: BOOLEAN,
  remoteIp: STRING,
  signal: SIGNAL,
};

/** @throws {TypeError} If an option is unknown or ill-typed; the message names it. */
export function checkRequestOptions(options: TestRequestOptions): void {
  checkOptions(options, TYPES, "option of a request");
}
