/**
 * Stands for `support/browser.ts` inside workerd, where no browser is driven.
 *
 * @module
 */

/** @throws {Error} Always. */
export function launchBrowser(): never {
  throw new Error("Cannot launch a browser: this is workerd");
}
