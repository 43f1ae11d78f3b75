/** The parts of an application that are out of its sight. */
import { isPromiseLike, whenSettled } from "../concurrent/coroutine/promise_like.ts";
import { logApplicationError } from "../log.ts";
import type { Topics } from "../topics/topics.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { PageKit } from "./pages/page_kit.ts";
import { type FormLimits, formLimits } from "./request/settings.ts";
import type { ContentEncoder } from "./response/content_encoder.ts";
import type { RuleRouter } from "./routing/routing.ts";
import { StaticKit } from "./static/static_kit.ts";

/**
 * Loads what the settings need and other applications shall not carry: what renders pages, the handler of
 * static files, the encoder of responses. The first request waits for it.
 */
export class SettingParts {
  /** The limits of forms; `null` where they are the default ones. */
  readonly limits: FormLimits | null;
  /** Who listens to what, of the application's WebSockets; made for the first of them. */
  topics: Topics | undefined;

  readonly #settings: Readonly<ApplicationSettings>;
  #pageKit: PageKit | Promise<PageKit> | undefined;
  #staticKit: StaticKit | undefined;
  #contentEncoder: ContentEncoder | undefined;
  #loading: Promise<void> | undefined;

  /**
   * @param settings The settings of the application.
   * @param router Takes the routes of the static files, before those that it has.
   * @throws {TypeError} If a static file handler does not take its arguments.
   */
  constructor(settings: Readonly<ApplicationSettings>, router: RuleRouter) {
    this.#settings = settings;
    this.limits = formLimits(settings);
    const parts = [
      hasPages(settings) ? this.pageKit : undefined,
      settings.staticPath === undefined ? undefined : this.#addStaticRoutes(router),
      settings.compressResponse ? this.#loadContentEncoder() : undefined,
    ].filter(isPromiseLike);
    if (parts.length > 0) this.#loading = this.#await(parts);
  }

  async #await(parts: readonly unknown[]): Promise<void> {
    try {
      await Promise.all(parts);
      this.#loading = undefined;
    } catch (error) {
      logApplicationError("Cannot load what the settings of the application need", error);
      throw error;
    }
  }

  /** Settles when all is there; `undefined` if there is nothing to wait for. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** What pages share; a promise until it is loaded. Without a setting, the first page loads it. */
  get pageKit(): PageKit | Promise<PageKit> {
    return this.#pageKit ??= this.#loadPageKit();
  }

  async #loadPageKit(): Promise<PageKit> {
    const { PageKit } = await import("./pages/page_kit.ts");
    return this.#pageKit = await PageKit.load(this.#settings);
  }

  /** The static files. */
  get staticKit(): StaticKit {
    return this.#staticKit ??= new StaticKit(this.#settings);
  }

  #addStaticRoutes(router: RuleRouter): void | PromiseLike<void> {
    return whenSettled(this.staticKit.routes(), (routes) => {
      router.addRules(routes, { first: true });
    });
  }

  /** What compresses responses, with the setting `compressResponse`. */
  get contentEncoder(): ContentEncoder | undefined {
    return this.#contentEncoder;
  }

  async #loadContentEncoder(): Promise<void> {
    this.#contentEncoder = await import("./response/content_encoder.ts");
  }
}

function hasPages(settings: Readonly<ApplicationSettings>): boolean {
  const { templatePath, templateLoader, uiModules, uiMethods } = settings;
  return [templatePath, templateLoader, uiModules, uiMethods].some((set) => set !== undefined);
}
