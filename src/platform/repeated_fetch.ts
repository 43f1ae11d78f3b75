/** The runtime's `fetch`, for URLs that are asked for again and again. */

/** URLs that are remembered; the one that came first goes first. */
const MAX_URLS = 100;
/** Characters of a URL that is remembered. */
const MAX_LENGTH = 1000;

/** Sends a request. How redirects are treated was said before, and may be written into `init`. */
export type RepeatedFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` that keeps what it can of a URL that it sees again.
 *
 * Deno spends more on reading a URL and its options than a client on all the rest. A bare `Request`
 * that is kept saves half of that; everything but its URL and its way with redirects still comes with
 * each fetch. Other runtimes may tie a `Request` to what they work on at that time.
 *
 * @param redirect How to treat redirects.
 */
export function repeatedFetch(redirect: "manual" | "follow"): RepeatedFetch {
  const send: RepeatedFetch = (url, init) => {
    init.redirect = redirect;
    return fetch(url, init);
  };
  if (!("Deno" in globalThis)) return send;
  const requests = new Map<string, Request | null>();
  return (url, init) => {
    const request = requests.get(url);
    if (request !== undefined && request !== null) return fetch(request, init);
    if (request === null) requests.set(url, new Request(url, { redirect }));
    else if (url.length <= MAX_LENGTH) remember(requests, url);
    return send(url, init);
  };
}

/** Once is not yet again: what is asked for a single time should cost next to nothing. */
function remember(requests: Map<string, Request | null>, url: string): void {
  requests.set(url, null);
  if (requests.size <= MAX_URLS) return;
  for (const oldest of requests.keys()) {
    requests.delete(oldest);
    return;
  }
}
