/** How requests reach a provider: through the project's own client, within limits. */
import type { AsyncHTTPClient } from "../client/async_http_client.ts";
import { hasNoBody } from "../web/http_error.ts";
import { secureUrl } from "./secure_url.ts";

/** A `fetch` as `oauth4webapi` calls it. */
export type ProviderFetch = (url: string, request: ProviderRequest) => Promise<Response>;

/** What it is told. */
export interface ProviderRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | null | undefined;
}

/** Bytes of a description, of keys, of tokens or of claims: real ones have some thousand. */
const MAX_BODY_SIZE = 1_048_576;

const fetches = new WeakMap<AsyncHTTPClient, ProviderFetch>();

/**
 * The `fetch` of a client: redirects are not followed, since nobody but the provider's own endpoint
 * may see a code or a secret.
 */
export function providerFetch(client: AsyncHTTPClient): ProviderFetch {
  let known = fetches.get(client);
  // Requests for keys are shared only between calls with the same function.
  if (known === undefined) {
    fetches.set(client, known = (url, request) => send(client, url, request));
  }
  return known;
}

async function send(
  client: AsyncHTTPClient,
  url: string,
  { method, headers, body }: ProviderRequest,
): Promise<Response> {
  const response = await client.fetch(secureUrl(url).href, {
    method,
    headers,
    ...(body instanceof URLSearchParams ? { body: body.toString() } : {}),
    maxBodySize: MAX_BODY_SIZE,
    followRedirects: false,
    raiseError: false,
  });
  const { code: status } = response;
  return new Response(hasNoBody(status) ? null : response.body.slice(), {
    status,
    headers: response.headers,
  });
}
