/**
 * A visitor of an application who keeps cookies, as a browser does.
 *
 * @module
 */
import type { Fetch } from "./serve.ts";

/** Sends requests with the cookies that earlier responses have set. Attributes do not count. */
export class Visitor {
  /** The cookies, by name. */
  readonly cookies: Map<string, string>;
  readonly #fetch: Fetch;

  /**
   * @param fetch How to reach the application.
   * @param cookies What the visitor has from before.
   */
  constructor(fetch: Fetch, cookies: Iterable<readonly [string, string]> = []) {
    this.#fetch = fetch;
    this.cookies = new Map(cookies);
  }

  /** Another visitor with a copy of the same cookies. */
  twin(): Visitor {
    return new Visitor(this.#fetch, this.cookies);
  }

  /** Sends a request, and keeps the cookies of the response. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await this.#fetch(path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** Sends a request, and reads the body of the response. */
  async text(path: string, init: RequestInit = {}): Promise<string> {
    return await (await this.fetch(path, init)).text();
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals);
    if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(equals + 1));
  }
}
