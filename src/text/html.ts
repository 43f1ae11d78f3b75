/**
 * Text that is HTML already: what the escapers leave alone.
 *
 * The mark is a private field, so nothing that came from a request (parsed JSON, a form) can carry
 * it, whatever its properties are called.
 *
 * @example
 * ```ts
 * import { Html, html } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const link = html`<a href="/">${"<home>"}</a>`;
 * assertEquals([Html.is(link), Html.is("<a>")], [true, false]);
 * // What is HTML already is not escaped again.
 * assertEquals(String(html`<p>${link}</p>`), '<p><a href="/">&lt;home&gt;</a></p>');
 * ```
 *
 * @category Text and languages
 */
export class Html {
  readonly #markup: string;

  /**
   * Vouches for `markup`. Use {@linkcode html} to build it from parts that still need escaping.
   *
   * @param markup Text that is safe to send as HTML as it stands.
   */
  constructor(markup: string) {
    this.#markup = markup;
  }

  /** Tells whether `value` was made by this class. */
  static is(value: unknown): value is Html {
    return typeof value === "object" && value !== null && #markup in value;
  }

  /** The markup itself. */
  toString(): string {
    return this.#markup;
  }
}
