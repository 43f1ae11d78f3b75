/** A response as a test sees it. */
import { parseCookies } from "../../http/fields/cookie.ts";

const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A `Response` with what tests ask for. Unlike another one its body can be read as often as one likes,
 * and need not be read: what is left of it is given up when the test ends.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { type TestResponse, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Weather extends RequestHandler {
 *   override get() {
 *     this.write({ wind: "a gust" });
 *   }
 * }
 *
 * await using t = testServer(new Application([["/", Weather]]));
 * const response: TestResponse = await t.get("/");
 * assertEquals([response.status, response.contentType], [200, "application/json"]);
 * assertEquals(await response.json(), { wind: "a gust" });
 * assertEquals(await response.text(), '{"wind":"a gust"}');
 * ```
 *
 * @category Testing
 */
export class TestResponse extends Response {
  /** The URL that answered. */
  override readonly url: string;
  /** The redirects that led here, the first one first. Empty unless `follow` was asked for. */
  readonly history: readonly TestResponse[];
  readonly #method: string;
  #bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;

  /**
   * Takes a response over. Tests get theirs from a server.
   *
   * @param response Its body must not have been read.
   * @param origin The request that it answers, and the redirects that led there.
   */
  constructor(
    response: Response,
    origin: {
      readonly method: string;
      readonly url: string;
      readonly history: readonly TestResponse[];
    },
  ) {
    const { status, statusText, headers } = response;
    super(NULL_BODY.has(status) ? null : response.body, { status, statusText, headers });
    this.url = origin.url;
    this.history = origin.history;
    this.#method = origin.method;
  }

  /** Whether redirects led here. */
  override get redirected(): boolean {
    return this.history.length > 0;
  }

  /** The field `Location`, as it was sent; `null` if there is none. */
  get location(): string | null {
    return this.headers.get("location");
  }

  /** The media type, in lower case and without parameters; empty if there is none. */
  get contentType(): string {
    return (this.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  }

  /** The cookies that the response itself sets, by their names. One that it ends is empty. */
  get cookies(): Readonly<Record<string, string>> {
    const pairs = this.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
    return parseCookies(pairs.join(";"));
  }

  /** The body, read as often as one likes. */
  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes ??= super.bytes();
  }

  /** The body as UTF-8, read as often as one likes. */
  override async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /**
   * The body as JSON, read as often as one likes.
   *
   * @typeParam T What a test expects it to be. It is not checked.
   * @throws {SyntaxError} If it is none; the message shows how it begins.
   */
  // deno-lint-ignore no-explicit-any -- as of any other Response
  override async json<T = any>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new SyntaxError(
        `Cannot read JSON from ${this}: its body begins with: ${beginning(text)}`,
      );
    }
  }

  /** What it answers, with which status: `the response 404 to GET http://localhost/`. */
  override toString(): string {
    return `the response ${this.status} to ${this.#method} ${this.url}`;
  }
}

/** Enough of a text to know what went wrong. */
const SHOWN = 300;
/** A page is looked at no further. */
const LOOKED_AT = 16_384;

/** How a body begins, of a page without its markup. */
export function beginning(text: string): string {
  const words = text.slice(0, LOOKED_AT)
    .replace(/<(head|style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ").replace(/\s+/g, " ").trim();
  return words.length > SHOWN ? `${words.slice(0, SHOWN)}...` : words;
}
