/** The parts of an application that are out of its sight. */
import { isPromiseLike, whenSettled } from "../concurrent/coroutine/promise_like.ts";
import { logApplicationError } from "../log.ts";
import type { ApplicationTopics } from "../topics/topics.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { Development } from "./development/development.ts";
import type { PageKit } from "./pages/page_kit.ts";
import { type FormLimits, formLimits } from "./request/settings.ts";
import type { ContentEncoder } from "./response/content_encoder.ts";
import type { RuleRouter } from "./routing/routing.ts";
import { loadDevelopment, loadPageKit } from "./setting_modules.ts";
import { StaticKit } from "./static/static_kit.ts";
import { TopicKit } from "./topic_kit.ts";

/**
 * Loads what the settings need and other applications shall not carry: what renders pages, the handler of
 * static files, the encoder of responses, topics with history. The first request waits for it.
 */
export class SettingParts {
  /** The limits of forms; `null` where they are the default ones. */
  readonly formLimits: FormLimits | null;
  /** What compresses responses, with the setting `compressResponse`, once it is loaded. */
  contentEncoder: ContentEncoder | undefined;
  /** What the setting `debug` brings along, once it is loaded; without it, nothing ever. */
  development: Development | undefined;

  readonly #settings: Readonly<ApplicationSettings>;
  #topicKit: TopicKit | undefined;
  #pageKit: PageKit | Promise<PageKit> | undefined;
  #staticKit: StaticKit | undefined;
  /** What is being loaded from the start. */
  #parts: PromiseLike<unknown>[] | undefined;
  #loading: Promise<void> | undefined;

  /**
   * @param settings The settings of the application.
   * @param router Takes the routes of the static files, before those that it has.
   * @param routers Gives it and those for hosts, which come first.
   * @throws {TypeError} If a static file handler does not take its arguments.
   */
  constructor(
    settings: Readonly<ApplicationSettings>,
    router: RuleRouter,
    routers: () => readonly RuleRouter[],
  ) {
    this.#settings = settings;
    // Each setting by its name: `./build` leaves out what hangs on one that nobody gives.
    this.formLimits = settings.maxArguments === undefined &&
        settings.maxMultipartParts === undefined &&
        settings.maxMultipartHeaderBytes === undefined
      ? null
      : formLimits(settings);
    if (settings.topics !== undefined || settings.broker !== undefined) {
      this.#waitFor(this.topicKit.load());
    }
    if (
      settings.templatePath !== undefined || settings.templateLoader !== undefined ||
      settings.uiModules !== undefined || settings.uiMethods !== undefined
    ) this.#waitFor(this.pageKit);
    if (settings.staticPath !== undefined) this.#waitFor(this.#addStaticRoutes(router));
    if (settings.compressResponse) this.#waitFor(this.#loadContentEncoder());
    if (settings.debug) this.#waitFor(this.#loadDevelopment(routers));
    if (this.#parts !== undefined) this.#loading = this.#await(this.#parts);
  }

  #waitFor(part: unknown): void {
    if (isPromiseLike(part)) (this.#parts ??= []).push(part);
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

  /** What is loaded of topics. */
  get topicKit(): TopicKit {
    return this.#topicKit ??= new TopicKit(this.#settings);
  }

  /** Opens the broker; `undefined` if the settings ask for none. */
  startTopics(): Promise<void> | undefined {
    const { topics, broker } = this.#settings;
    return topics !== undefined || broker !== undefined ? this.topicKit.start() : undefined;
  }

  /** Closes the broker, if it was opened. */
  endTopics(): Promise<void> | undefined {
    return this.#topicKit?.end();
  }

  /** Who listens to what; made for the first handler that subscribes, unless settings ask for it. */
  get topics(): ApplicationTopics | undefined {
    return this.topicKit.topics;
  }

  set topics(topics: ApplicationTopics | undefined) {
    this.topicKit.topics = topics;
  }

  /** Settles when all is there; `undefined` if there is nothing to wait for. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** What pages share; a promise until it is loaded. Without a setting, the first page loads it. */
  get pageKit(): PageKit | Promise<PageKit> {
    return this.#pageKit ??= this.#loadPageKit();
  }

  // Not async: where it is missing, the application cannot be made.
  #loadPageKit(): Promise<PageKit> {
    return loadPageKit(this.#settings).then((kit) => this.#pageKit = kit);
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

  async #loadContentEncoder(): Promise<void> {
    this.contentEncoder = await import("./response/content_encoder.ts");
  }

  async #loadDevelopment(routers: () => readonly RuleRouter[]): Promise<void> {
    const Development = await loadDevelopment();
    this.development = Development && new Development(this.#settings, routers);
  }
}
