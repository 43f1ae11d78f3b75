/** What an application can be told of its topics. */
import {
  BOOLEAN,
  checkOptions,
  LIMIT,
  MILLISECONDS,
  type OptionType,
  type SettingTable,
} from "../checks/option_check.ts";
import type { Broker, TopicLimits } from "./broker/broker.ts";

/**
 * What a topic keeps. A topic that is declared keeps history, and loses nothing without saying so.
 *
 * @category Topics
 */
export interface TopicOptions {
  /** Messages that are kept for those who come back. From 1; default 100. */
  readonly history?: number;
  /** Bytes of these together. Default 4 MiB. A message that is larger cannot be published. */
  readonly maxBytes?: number;
  /**
   * Milliseconds that a message is kept. A topic that was silent for so long is forgotten, and begins anew with
   * another epoch. Default 3,600,000: an hour.
   */
  readonly ttl?: number;
  /** Whether others are told who is in the topic; see `TopicHandler`. Default `false`. */
  readonly presence?: boolean;
}

/**
 * What an application can be told of its topics.
 *
 * @category Topics
 */
export interface TopicSettings {
  /**
   * The topics that have history, by name. A name that ends in `*` stands for all that begin so; the
   * longest that fits counts. Default none: every topic is plain.
   */
  topics?: Readonly<Record<string, TopicOptions>>;
  /**
   * What carries topics between processes. Default: the memory of this process.
   */
  broker?: Broker;
}

/** What a declared topic has. */
export interface TopicDeclaration extends TopicLimits {
  readonly presence: boolean;
}

/** What holds where nothing else is said. */
export const TOPIC_DEFAULTS: TopicDeclaration = {
  history: 100,
  maxBytes: 4 * 1024 * 1024,
  ttl: 3_600_000,
  presence: false,
};

const TOPIC_OPTIONS: Readonly<Record<keyof TopicOptions, OptionType>> = {
  history: LIMIT,
  maxBytes: LIMIT,
  ttl: MILLISECONDS,
  presence: BOOLEAN,
};
const TOPICS: OptionType = {
  name: 'an object such as { "chat/*": { history: 100 } }',
  test: isRecord,
};
const BROKER: OptionType = {
  name: "a broker, such as new RedisBroker({ url })",
  test: (value) => isRecord(value) && "log" in value && "open" in value && "publish" in value,
};

/** The checks and defaults of {@linkcode TopicSettings}. */
export const TOPIC_SETTINGS: SettingTable<TopicSettings, "broker"> = {
  topics: { ...TOPICS, default: {} },
  broker: BROKER,
};

/**
 * Checks each of the topics.
 *
 * @throws {TypeError} If an option is unknown or ill-typed, or a name is empty or has a `*` before its end.
 */
export function checkTopicSettings(settings: TopicSettings): void {
  const { topics } = settings;
  if (topics === undefined) return;
  for (const [name, options] of Object.entries(topics)) {
    if (name === "" || name.slice(0, -1).includes("*")) {
      throw new TypeError(
        `Cannot declare the topic ${
          JSON.stringify(name)
        }: expected a name, or its beginning and a "*"`,
      );
    }
    checkOptions(options, TOPIC_OPTIONS, `option of the topic ${JSON.stringify(name)}`);
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
