import { type Catalogue, type Message, messageKey } from "./catalogue.ts";
import { GERMANIC, parsePluralForms, type PluralIndex } from "./plural_forms.ts";
import { builtinModule } from "../../platform/node_builtins.ts";
import { UnsupportedFeatureError } from "../../platform/unsupported_feature_error.ts";

/** Translations out of a gettext file. */
export class GettextCatalogue implements Catalogue {
  readonly #translations = new Map<string, readonly string[]>();
  readonly #pluralIndex: PluralIndex;

  /**
   * @param parsed What gettext-parser made of the file.
   * @throws {SyntaxError} When its plural rule cannot be read.
   */
  constructor(parsed: unknown) {
    const rule = Object.entries(member(parsed, "headers"))
      .find(([name]) => name.toLowerCase() === "plural-forms")?.[1];
    this.#pluralIndex = typeof rule === "string" ? parsePluralForms(rule) : GERMANIC;
    for (const [context, messages] of Object.entries(member(parsed, "translations"))) {
      for (const [text, entry] of Object.entries(messages ?? {})) {
        this.#add(messageKey(text, context === "" ? undefined : context), entry);
      }
    }
  }

  /** The translation of a message. */
  find({ text, plural, count, context }: Message): string | undefined {
    const forms = this.#translations.get(messageKey(text, context));
    const index = plural === undefined || count === undefined ? 0 : this.#pluralIndex(count);
    const found = forms?.[index] ?? "";
    return found === "" ? undefined : found;
  }

  #add(key: string, entry: unknown): void {
    const forms = Object.entries(member(entry, "msgstr")).map(([, form]) => String(form));
    // What a translator marked as doubtful is not shown, as msgfmt would have it.
    const fuzzy = /\bfuzzy\b/.test(String(member(member(entry, "comments"), "flag")));
    if (key !== "" && !fuzzy) this.#translations.set(key, forms);
  }
}

/**
 * Reads a gettext file: `.mo` as bytes, `.po` as text.
 *
 * The parser is loaded when the first file is read.
 *
 * @param file The contents of the file.
 * @throws {SyntaxError} The promise rejects when it is no such file.
 * @throws {UnsupportedFeatureError} The promise rejects where the parser is not there.
 */
export async function parseGettext(file: Uint8Array | string): Promise<GettextCatalogue> {
  const { mo, po } = await import("gettext-parser");
  const { Buffer } = builtinModule("node:buffer") as typeof import("node:buffer");
  try {
    const parsed: unknown = typeof file === "string" ? po.parse(file) : mo.parse(Buffer.from(file));
    if (parsed === false) throw new SyntaxError("it has no magic number");
    return new GettextCatalogue(parsed);
  } catch (cause) {
    if (cause instanceof UnsupportedFeatureError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot read the gettext catalogue: ${reason}`, { cause });
  }
}

/** A member of an object whose type nobody tells: an object, or `{}`. */
function member(value: unknown, name: string): object {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return {};
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return Object(found);
}
