import { type Catalogue, type Message, messageKey } from "./catalogue.ts";
import { intlTag } from "./language_tag.ts";
import { parseCsv } from "./csv.ts";

/** What the third column may say: Tornado's three, and the categories of CLDR. */
const FORMS = new Set([
  "unknown",
  "singular",
  "plural",
  "zero",
  "one",
  "two",
  "few",
  "many",
  "other",
]);

/** A row that says nothing usable. */
export interface CsvProblem {
  /** The row, counted from 1, empty ones left out. */
  readonly row: number;
  /** What is wrong with it. */
  readonly reason: string;
}

/**
 * Translations in Tornado's own format: rows of text, translation, form and context.
 *
 * The form is empty, `singular` or `plural`; for languages with more of them it is a category of the
 * Unicode plural rules (`zero`, `one`, `two`, `few`, `many`, `other`), and the text is the singular.
 */
export class CsvCatalogue implements Catalogue {
  /** Rows that were left out. */
  readonly problems: readonly CsvProblem[];
  readonly #forms = new Map<string, Map<string, string>>();
  readonly #rules: Intl.PluralRules;

  /**
   * @param text The file.
   * @param tag The language, as BCP 47 writes it.
   */
  constructor(text: string, tag: string) {
    this.#rules = new Intl.PluralRules(intlTag(tag));
    this.problems = parseCsv(text).flatMap((row, index) => {
      const reason = this.#read(row.map((cell) => cell.trim()));
      return reason === undefined ? [] : [{ row: index + 1, reason }];
    });
  }

  /** The translation of a message. */
  find({ text, plural, count, context }: Message): string | undefined {
    if (plural === undefined || count === undefined) return this.#get("unknown", text, context);
    return this.#get(this.#rules.select(count), text, context) ??
      (count === 1 ? this.#get("singular", text, context) : this.#get("plural", plural, context));
  }

  #get(form: string, text: string, context: string | undefined): string | undefined {
    return this.#forms.get(form)?.get(messageKey(text, context));
  }

  #read([text, translation, form = "", context]: readonly string[]): string | undefined {
    if (text === undefined || translation === undefined) return "it has only one column";
    const known = form === "" ? "unknown" : form;
    if (!FORMS.has(known)) return `"${form}" is no plural form`;
    const table = this.#forms.get(known) ?? new Map<string, string>();
    table.set(messageKey(text, context === "" ? undefined : context), translation);
    this.#forms.set(known, table);
    return undefined;
  }
}
