/**
 * Debian's Chromium, driven by Playwright.
 *
 * @module
 */
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";
const ARGUMENTS = [
  // Without it Chromium refuses to run as root, as it has to in a container.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  // The rest keeps it from calling home.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

type Browser = Awaited<ReturnType<typeof chromium.launch>>;

/** A running browser with an empty profile, closed when it is disposed. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #home: string;
  readonly #pageErrors: Error[] = [];

  private constructor(browser: Browser, home: string) {
    this.#browser = browser;
    this.#home = home;
  }

  /** Starts the browser; {@link launchBrowser} is the way to call it. */
  static async launch(): Promise<TestBrowser> {
    const home = await Deno.makeTempDir({ prefix: "gustnado-" });
    try {
      const browser = await chromium.launch({
        executablePath: EXECUTABLE,
        args: ARGUMENTS,
        env: { ...Deno.env.toObject(), HOME: home },
      });
      return new TestBrowser(browser, home);
    } catch (error) {
      await Deno.remove(home, { recursive: true });
      throw error;
    }
  }

  /** Uncaught exceptions of all pages so far. */
  get pageErrors(): readonly Error[] {
    return this.#pageErrors;
  }

  /**
   * Opens a page as a visitor of its own, sharing no cookie and no storage with the others.
   *
   * @param options Size, locale and what else Playwright knows of a visitor.
   * @returns The empty page. What it waits for, it waits for at most 10 s.
   */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.#pageErrors.push(error));
    return page;
  }

  /** Closes the browser and removes what it has written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await Deno.remove(this.#home, { recursive: true });
  }
}

/**
 * Starts Chromium without a window. Tests that use it are registered with
 * `serviceTest("chromium", …)`.
 *
 * @returns The browser, to be bound with `await using`.
 */
export function launchBrowser(): Promise<TestBrowser> {
  return TestBrowser.launch();
}
