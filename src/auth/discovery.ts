/** What OpenID providers say of themselves, remembered. */
import * as oauth from "oauth4webapi";
import { AgedMap } from "../concurrent/collections/aged_map.ts";
import type { Application } from "../web/application.ts";
import { generalLog } from "../log.ts";
import { attempt } from "./login_failure.ts";
import type { ServerMetadata } from "./oauth_server.ts";
import type { ProviderFetch } from "./provider_fetch.ts";
import { isLoopback, secureUrl } from "./secure_url.ts";

/** Milliseconds for which a description counts as fresh. */
const FRESH = 3_600_000;
/** Milliseconds until a provider that did not answer is asked again, where an old answer is known. */
const RETRY = 60_000;
/** Providers that are remembered: an application that takes them from its users has many. */
const MAX_ISSUERS = 100;

interface Known {
  readonly metadata: ServerMetadata;
  /** When to ask again, in milliseconds since the epoch. */
  readonly until: number;
}

const caches = new WeakMap<Application, IssuerCache>();

/**
 * The description of a provider (OpenID Connect Discovery 1.0 §4). It is asked for once an hour; all
 * who need it at the same time share one request.
 *
 * @throws {AuthError} If there is none, or it is another's, and no older one is known.
 */
export function discover(
  application: Application,
  { issuer, fetch }: { readonly issuer: string; readonly fetch: ProviderFetch },
): Promise<ServerMetadata> {
  let cache = caches.get(application);
  if (cache === undefined) caches.set(application, cache = new IssuerCache());
  return cache.find(issuer, fetch);
}

class IssuerCache {
  readonly #known = new AgedMap<string, Known>();
  readonly #pending = new Map<string, Promise<ServerMetadata>>();

  async find(issuer: string, fetch: ProviderFetch): Promise<ServerMetadata> {
    const known = this.#known.get(issuer);
    if (known !== undefined && Date.now() < known.until) return known.metadata;
    let pending = this.#pending.get(issuer);
    if (pending === undefined) {
      pending = this.#renew(issuer, fetch).finally(() => this.#pending.delete(issuer));
      this.#pending.set(issuer, pending);
    }
    return await pending;
  }

  async #renew(issuer: string, fetch: ProviderFetch): Promise<ServerMetadata> {
    const known = this.#known.get(issuer);
    try {
      return this.#remember(issuer, await read(issuer, fetch), FRESH);
    } catch (error) {
      if (known === undefined) throw error;
      const message = error instanceof Error ? error.message : String(error);
      generalLog()?.warn("Using an old description of {issuer}: {message}", { issuer, message });
      return this.#remember(issuer, known.metadata, RETRY);
    }
  }

  #remember(issuer: string, metadata: ServerMetadata, ms: number): ServerMetadata {
    this.#known.set(issuer, { metadata, until: Date.now() + ms });
    const { oldest, size } = this.#known;
    if (size > MAX_ISSUERS && oldest !== undefined) this.#known.delete(oldest.key);
    return metadata;
  }
}

function read(issuer: string, fetch: ProviderFetch): Promise<ServerMetadata> {
  return attempt(`discover ${JSON.stringify(issuer)}`, async () => {
    const url = secureUrl(issuer);
    const response = await oauth.discoveryRequest(url, {
      [oauth.customFetch]: fetch,
      [oauth.allowInsecureRequests]: isLoopback(url),
    });
    return await oauth.processDiscoveryResponse(url, response);
  });
}
