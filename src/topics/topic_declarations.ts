/** Which topics keep history. */
import { withDefaults } from "../checks/option_defaults.ts";
import { TOPIC_DEFAULTS, type TopicDeclaration, type TopicOptions } from "./settings.ts";

/** The declared topics of an application, by their names and the beginnings of these. */
export class TopicDeclarations {
  readonly #names = new Map<string, TopicDeclaration>();
  /** The longest first. */
  readonly #beginnings: [beginning: string, declaration: TopicDeclaration][] = [];

  /** @param topics As the setting `topics`, which was checked. */
  constructor(topics: Readonly<Record<string, TopicOptions>> = {}) {
    for (const [name, options] of Object.entries(topics)) this.add(name, options);
  }

  /**
   * Declares one more.
   *
   * @param name A name, or its beginning and a `*`.
   */
  add(name: string, options: TopicOptions): void {
    const declaration = withDefaults<TopicDeclaration>(TOPIC_DEFAULTS, {
      ...TOPIC_DEFAULTS,
      ...options,
    });
    if (!name.endsWith("*")) return void this.#names.set(name, declaration);
    const beginning = name.slice(0, -1);
    const others = this.#beginnings.filter(([other]) => other !== beginning);
    others.push([beginning, declaration]);
    this.#beginnings.splice(0, Infinity, ...others.sort(([a], [b]) => b.length - a.length));
  }

  /** What a topic keeps; `undefined` if it is plain. */
  find(topic: string): TopicDeclaration | undefined {
    const named = this.#names.get(topic);
    // A caller without types may give anything.
    if (named !== undefined || typeof topic !== "string") return named;
    for (const [beginning, declaration] of this.#beginnings) {
      if (topic.startsWith(beginning)) return declaration;
    }
    return undefined;
  }
}
