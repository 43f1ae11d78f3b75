/** Requests in the name of a user. */
import type { FetchOptions } from "../client/async_http_client.ts";
import type { HTTPResponse } from "../client/http_response.ts";
import { checkOptions } from "../checks/option_check.ts";
import { urlConcat } from "../http/target/url.ts";
import { AuthError } from "./auth_error.ts";
import type { OAuth2RequestOptions } from "./login_options.ts";
import type { OAuth2Handler } from "./mixins/oauth2_mixin.ts";
import { givenTexts, REQUEST_TYPES } from "./option_types.ts";
import { attempt } from "./login_failure.ts";
import { secureUrl } from "./secure_url.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/**
 * Sends a request, and reads the answer as JSON.
 *
 * @returns What came; `null` for an empty body.
 * @throws {AuthError} If there is no answer, or none with a status of 200 to 299, or it is no JSON.
 * @throws {TypeError} If an option is unknown or ill-typed, or there are both `body` and `json`.
 */
export async function apiRequest(
  handler: OAuth2Handler,
  url: string,
  options: OAuth2RequestOptions,
): Promise<unknown> {
  checkOptions(options, REQUEST_TYPES, "option of oauth2Request()");
  if (options.body !== undefined && options.json !== undefined) {
    throw new TypeError("Cannot send both body and json with oauth2Request(); give one of them");
  }
  const { origin } = secureUrl(url);
  const response = await attempt(
    `fetch from ${origin}`,
    () =>
      handler.getAuthHttpClient().fetch(
        urlConcat(url, givenTexts(options.args)),
        fetchOptions(options),
      ),
  );
  return read(response, origin);
}

function fetchOptions(options: OAuth2RequestOptions): FetchOptions {
  const { accessToken, json } = options;
  const body = json === undefined ? formOf(options) : JSON.stringify(json);
  return {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      accept: JSON_TYPE,
      ...(body === undefined ? {} : { "content-type": json === undefined ? FORM : JSON_TYPE }),
      ...givenTexts(options.headers),
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    ...(body === undefined ? {} : { body, allowNonstandardMethods: true }),
    raiseError: false,
  };
}

function formOf({ body }: OAuth2RequestOptions): string | undefined {
  if (body === undefined) return undefined;
  return (body instanceof URLSearchParams ? body : new URLSearchParams(givenTexts(body)))
    .toString();
}

function read(response: HTTPResponse, origin: string): unknown {
  if (response.error !== null) {
    throw new AuthError(`Cannot fetch from ${origin}: it answered ${response.code}`, {
      kind: "refused",
      providerStatus: response.code,
    });
  }
  if (response.body.length === 0) return null;
  try {
    return response.json();
  } catch {
    throw new AuthError(`Cannot fetch from ${origin}: the answer is no JSON`, { kind: "response" });
  }
}
