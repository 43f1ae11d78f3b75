/**
 * A visitor without a browser: keeps cookies, follows redirects and sends forms.
 *
 * @module
 */
import { CookieJar } from "tough-cookie";

const MAX_REDIRECTS = 12;

/** A page that a visitor has come to. */
export interface VisitedPage {
  /** Where it is. */
  readonly url: string;
  /** The status. */
  readonly status: number;
  /** The header fields. */
  readonly headers: Headers;
  /** The text. */
  readonly text: string;
}

/** A visitor with cookies of its own. */
export class LoginVisitor {
  /** The cookies. As in browsers, those of a host go to all its ports. */
  readonly jar: CookieJar;
  /** Every URL that was asked for, in order. */
  readonly trail: string[] = [];

  /** @param jar Another visitor's cookies, to begin with. */
  constructor(jar: CookieJar = new CookieJar(undefined, { rejectPublicSuffixes: false })) {
    this.jar = jar;
  }

  /** A visitor who has the same cookies now. */
  async clone(): Promise<LoginVisitor> {
    return new LoginVisitor(await this.jar.clone());
  }

  /**
   * Goes to a page, and to where it leads.
   *
   * @param url An absolute URL.
   * @param options `until` stops before a URL that it holds for, and gives the redirect.
   */
  async visit(
    url: string,
    options: { readonly until?: (url: string) => boolean; readonly init?: RequestInit } = {},
  ): Promise<VisitedPage> {
    let page = await this.step(url, options.init);
    for (let redirects = 0; redirects < MAX_REDIRECTS; redirects++) {
      const location = page.headers.get("location");
      if (location === null) return page;
      const next = new URL(location, page.url).href;
      if (options.until?.(next)) return page;
      page = await this.step(next);
    }
    throw new Error(`Cannot visit ${url}: it redirects for ever`);
  }

  /** Sends one request, and follows nothing. */
  async step(url: string, init: RequestInit = {}): Promise<VisitedPage> {
    this.trail.push(url);
    const headers = new Headers(init.headers);
    const cookie = await this.jar.getCookieString(url);
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, url);
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Sends the form of a page with its hidden fields, and goes to where it leads. */
  submit(
    page: VisitedPage,
    fields: Readonly<Record<string, string>> = {},
    options: { readonly until?: (url: string) => boolean } = {},
  ): Promise<VisitedPage> {
    const action = /<form[^>]* action="([^"]*)"/.exec(page.text)?.[1] ?? "";
    const body = new URLSearchParams(fields);
    for (const [input] of page.text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1] ?? "";
      body.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? "");
    }
    return this.visit(new URL(action, page.url).href, {
      ...options,
      init: { method: "POST", body },
    });
  }

  /** Where a redirect leads. */
  static target(page: VisitedPage): string {
    return new URL(page.headers.get("location") ?? "", page.url).href;
  }
}
