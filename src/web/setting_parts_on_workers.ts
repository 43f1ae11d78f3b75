/** What stands in the place of `setting_parts.ts` in the package, for Workers, where all that is there is loaded. */
import type { ApplicationTopics } from "../topics/topics.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { PageKit } from "./pages/page_kit.ts";
import { type FormLimits, formLimits } from "./request/settings.ts";
import type { RuleRouter } from "./routing/routing.ts";
import { loadPageKit, warnOfIdleSettings } from "./setting_modules_on_workers.ts";
import { StaticKit } from "./static/static_kit_on_workers.ts";
import { TopicKit } from "./topic_kit_on_workers.ts";

/** See `setting_parts.ts`. The platform compresses responses, and nobody develops there. */
export class SettingParts {
  readonly contentEncoder: undefined;
  readonly development: undefined;
  readonly loading: undefined;
  readonly formLimits: FormLimits | null;
  readonly topicKit: TopicKit;
  readonly staticKit: StaticKit;
  readonly #settings: Readonly<ApplicationSettings>;
  #pageKit: PageKit | undefined;

  /** @throws {UnsupportedFeatureError} If a setting asks for what no value has brought along. */
  constructor(settings: Readonly<ApplicationSettings>, router: RuleRouter) {
    this.#settings = settings;
    const { maxArguments, maxMultipartParts, maxMultipartHeaderBytes } = settings;
    const isLimited = (maxArguments ?? maxMultipartParts ?? maxMultipartHeaderBytes) !== undefined;
    this.formLimits = isLimited ? formLimits(settings) : null;
    this.topicKit = new TopicKit(settings);
    this.staticKit = new StaticKit(settings);
    const { templatePath, templateLoader, uiModules, uiMethods, staticPath } = settings;
    if ((templatePath ?? templateLoader ?? uiModules ?? uiMethods) !== undefined) void this.pageKit;
    if (staticPath !== undefined) router.addRules(this.staticKit.routes(), { first: true });
    warnOfIdleSettings(settings);
  }

  /** Opens the broker; `undefined` if the settings ask for none. */
  startTopics(): Promise<void> | undefined {
    return this.topicKit.start();
  }

  /** Closes the broker, if it was opened. */
  endTopics(): Promise<void> | undefined {
    return this.topicKit.end();
  }

  /** Who listens to what. */
  get topics(): ApplicationTopics | undefined {
    return this.topicKit.topics;
  }

  /** A handler that subscribes brings them along. */
  set topics(topics: ApplicationTopics | undefined) {
    this.topicKit.topics = topics;
  }

  /** What pages share. */
  get pageKit(): PageKit {
    return this.#pageKit ??= loadPageKit(this.#settings);
  }
}
