/** The client that reaches providers. */
import { AsyncHTTPClient } from "../client/async_http_client.ts";
import type { Application } from "../web/application.ts";

/** Milliseconds that a provider has for an answer. */
const REQUEST_TIMEOUT = 10_000;
/** Visitors who come back at the same time should not wait for each other. */
const MAX_CLIENTS = 100;
/** Bytes of an answer of a provider's interface. */
const MAX_BODY_SIZE = 10 * 1024 * 1024;

const clients = new WeakMap<Application, AsyncHTTPClient>();

/** The client that all log-ins of an application share. */
export function authHttpClient(application: Application): AsyncHTTPClient {
  let client = clients.get(application);
  if (client === undefined) {
    client = new AsyncHTTPClient({
      maxClients: MAX_CLIENTS,
      maxBodySize: MAX_BODY_SIZE,
      defaults: { requestTimeout: REQUEST_TIMEOUT },
      // With a fetch of its own, a client stops each timer as soon as its request has ended: nobody
      // closes this one, and a test of a log-in must leave nothing behind.
      fetch: (url, init) => fetch(url, init),
    });
    clients.set(application, client);
  }
  return client;
}
