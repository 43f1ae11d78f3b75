/**
 * A message to be translated.
 *
 * @category Text and languages
 */
export interface Message {
  /** The text, in the default language; its singular if there is a plural. */
  readonly text: string;
  /** The plural text. */
  readonly plural?: string;
  /** The number that decides between them. */
  readonly count?: number;
  /** Tells apart equal texts of different meaning. */
  readonly context?: string;
}

/**
 * The translations into one language.
 *
 * @category Text and languages
 */
export interface Catalogue {
  /** The translation of a message, or `undefined` if there is none. */
  find(message: Message): string | undefined;
}

/** What keeps a context and its text apart, as in gettext. */
const CONTEXT_SEPARATOR = "\x04";

/** The key of a text in its context. */
export function messageKey(text: string, context: string | undefined): string {
  return context === undefined ? text : `${context}${CONTEXT_SEPARATOR}${text}`;
}

/**
 * What a translation puts in the place of `%(name)s`.
 *
 * @category Text and languages
 */
export type PlaceholderValues = Readonly<Record<string, string | number | bigint>>;
