import { checkOptions, type OptionTypes, STRING } from "../../checks/option_check.ts";
import { sourceFiles } from "../../platform/source_files.ts";
import { generalLog } from "../../log.ts";
import type { Catalogue } from "./catalogue.ts";
import { CsvCatalogue } from "./csv_catalogue.ts";
import { parseGettext } from "./gettext_catalogue.ts";
import { languageTag, LOCALE_CODE, normalizeCode } from "./language_tag.ts";
import { closestRegion } from "./closest_region.ts";
import { Locale } from "./locale.ts";

/**
 * How {@linkcode loadTranslations} reads its files.
 *
 * @category Text and languages
 */
export interface TranslationOptions {
  /**
   * The encoding of every file, as `TextDecoder` names it. Default: what its byte order mark says,
   * or UTF-8.
   */
  readonly encoding?: string;
}

const OPTIONS: OptionTypes = { encoding: STRING };

let defaultCode = "en_US";
let catalogues: ReadonlyMap<string, Catalogue> = new Map();
const locales = new Map<string, Locale>();

/**
 * The supported locale that is closest to one of the codes; the default if none is
 * (`tornado.locale.get`).
 *
 * A code is shortened from its end until it is supported (`zh-Hant-TW`, `zh-Hant`, `zh`). If it never
 * is, a locale of the same language and script does, for another region: `de` finds `de_DE`, `es-MX`
 * finds `es_LA`. Only then the next code counts.
 *
 * @param codes Codes or BCP 47 tags, the preferred one first.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("de_DE", "Hello,Hallo");
 * assertEquals(locale.get("fr", "de").code, "de_DE");
 * assertEquals(locale.get("fr").code, "en_US");
 * ```
 *
 * @category Text and languages
 */
export function get(...codes: readonly string[]): Locale {
  for (const code of codes) {
    const found = supported(normalizeCode(code));
    if (found !== undefined) return localeOf(found);
  }
  return localeOf(defaultCode);
}

/** What was found for the codes of visitors: a browser sends the same ones all the time. */
const choices = new Map<string, string | undefined>();
const MAX_CHOICES = 1000;
/** Longer codes say more than any locale, and are not worth their memory. */
const MAX_LENGTH = 40;
/** Language, script, region, and some more. */
const MAX_SUBTAGS = 8;

function supported(code: string): string | undefined {
  if (isSupported(code)) return code;
  if (code.length > MAX_LENGTH) return shortened(code);
  if (choices.has(code)) return choices.get(code);
  const found = shortened(code) ?? closestRegion(code, getSupportedLocales());
  if (choices.size < MAX_CHOICES) choices.set(code, found);
  return found;
}

function shortened(code: string): string | undefined {
  const parts = code.split("_", MAX_SUBTAGS);
  for (; parts.length > 0; parts.pop()) {
    const candidate = parts.join("_");
    if (isSupported(candidate)) return candidate;
  }
  return undefined;
}

/**
 * Sets the language that all texts are written in, which needs no translations. It starts as `en_US`.
 *
 * @param code The code.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.setDefaultLocale("fr_FR");
 * assertEquals(locale.get("ja").code, "fr_FR");
 * ```
 *
 * @category Text and languages
 */
export function setDefaultLocale(code: string): void {
  defaultCode = code;
  choices.clear();
}

/**
 * The codes of the locales that have translations, and of the default one, sorted.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("pt_BR", "Hello,Olá");
 * assertEquals(locale.getSupportedLocales(), ["en_US", "pt_BR"]);
 * ```
 *
 * @category Text and languages
 */
export function getSupportedLocales(): string[] {
  return [...new Set([...catalogues.keys(), defaultCode])].sort();
}

/**
 * Loads translations from the files `CODE.csv` of a directory, in place of those loaded before
 * (`tornado.locale.load_translations`).
 *
 * The columns are text, translation, plural form and context. A file or a row that cannot be used is
 * logged and left out.
 *
 * @param directory The directory.
 * @param options The encoding.
 * @throws {Error} When there is no such directory.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const directory = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${directory}/es_LA.csv`, '"Sign in","Iniciar sesión"');
 * locale.loadTranslations(directory);
 * assertEquals(locale.get("es").translate("Sign in"), "Iniciar sesión");
 * ```
 *
 * @category Text and languages
 */
export function loadTranslations(directory: string, options: TranslationOptions = {}): void {
  checkOptions(options, OPTIONS);
  const files = sourceFiles("translations");
  const loaded = new Map<string, Catalogue>();
  for (const name of listed(directory)) {
    const path = `${directory}/${name}`;
    const [, code] = /^(.*)\.csv$/.exec(name) ?? [];
    const file = code !== undefined && checkedCode(code, path) ? files.read(path) : null;
    if (code === undefined || file === null) continue;
    loaded.set(code, csvCatalogue(decode(file, options.encoding), code, path));
  }
  replaceAll(loaded);
}

/**
 * Loads translations from the files `CODE/LC_MESSAGES/DOMAIN.mo` of a directory, or `.po` where there
 * is no `.mo`, in place of those loaded before (`tornado.locale.load_gettext_translations`).
 *
 * A file that cannot be used is logged and left out. The parser is loaded only now, which is why
 * there is a promise.
 *
 * @param directory The directory.
 * @param domain The name of the files.
 * @throws {Error} The promise rejects when there is no such directory.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const directory = await Deno.makeTempDir();
 * await Deno.mkdir(`${directory}/fr/LC_MESSAGES`, { recursive: true });
 * await Deno.writeTextFile(
 *   `${directory}/fr/LC_MESSAGES/shop.po`,
 *   'msgid "cart"\nmsgstr "panier"\n',
 * );
 * await locale.loadGettextTranslations(directory, "shop");
 * assertEquals(locale.get("fr").translate("cart"), "panier");
 * ```
 *
 * @category Text and languages
 */
export async function loadGettextTranslations(directory: string, domain: string): Promise<void> {
  const files = sourceFiles("translations");
  const loaded = new Map<string, Catalogue>();
  for (const code of listed(directory)) {
    const path = `${directory}/${code}/LC_MESSAGES/${domain}`;
    const mo = files.read(`${path}.mo`);
    const po = mo === null ? files.read(`${path}.po`) : null;
    if ((mo === null && po === null) || !checkedCode(code, path)) continue;
    try {
      loaded.set(code, await parseGettext(po === null ? mo ?? new Uint8Array() : decode(po)));
    } catch (error) {
      generalLog()?.error("Cannot load the translations {path}: {error}", { path, error });
    }
  }
  replaceAll(loaded);
}

/**
 * Adds the translations of one locale, for runtimes without files.
 *
 * @param code The locale.
 * @param csv The contents of a CSV file, as for {@linkcode loadTranslations}.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("nl", '"%(name)s likes this","%(name)s vindt dit leuk"');
 * const text = locale.get("nl").translate("%(name)s likes this", { name: "Ann" });
 * assertEquals(text, "Ann vindt dit leuk");
 * ```
 *
 * @category Text and languages
 */
export function addTranslations(code: string, csv: string): void {
  add(code, csvCatalogue(csv, code, code));
}

/**
 * Adds the translations of one locale, for runtimes without files.
 *
 * @param code The locale.
 * @param file The contents of a `.mo` file as bytes, or of a `.po` file as text.
 * @throws {SyntaxError} The promise rejects when it is no such file.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * await locale.addGettextTranslations("it", 'msgid "cart"\nmsgstr "carrello"\n');
 * assertEquals(locale.get("it").translate("cart"), "carrello");
 * ```
 *
 * @category Text and languages
 */
export async function addGettextTranslations(
  code: string,
  file: Uint8Array | string,
): Promise<void> {
  add(code, await parseGettext(file));
}

/**
 * Forgets all translations.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("de", "Hello,Hallo");
 * locale.clearTranslations();
 * assertEquals(locale.get("de").translate("Hello"), "Hello");
 * ```
 *
 * @category Text and languages
 */
export function clearTranslations(): void {
  replaceAll(new Map());
}

function isSupported(code: string): boolean {
  return code === defaultCode || catalogues.has(code);
}

function localeOf(code: string): Locale {
  const known = locales.get(code);
  if (known !== undefined) return known;
  const made = new Locale(code, catalogues.get(code));
  locales.set(code, made);
  return made;
}

function add(code: string, catalogue: Catalogue): void {
  replaceAll(new Map([...catalogues, [normalizeCode(code), catalogue]]));
}

function replaceAll(loaded: ReadonlyMap<string, Catalogue>): void {
  catalogues = loaded;
  locales.clear();
  choices.clear();
  generalLog()?.debug("Supported locales: {codes}", { codes: getSupportedLocales() });
}

function listed(directory: string): string[] {
  const names = sourceFiles("translations").list(directory);
  if (names === null) {
    throw new Error(`Cannot load translations: there is no directory "${directory}"`);
  }
  return names.sort();
}

function checkedCode(code: string, path: string): boolean {
  if (LOCALE_CODE.test(code)) return true;
  generalLog()?.error('Unrecognized locale "{code}" (path: {path})', { code, path });
  return false;
}

function csvCatalogue(text: string, code: string, path: string): CsvCatalogue {
  const catalogue = new CsvCatalogue(text, languageTag(code));
  for (const { row, reason } of catalogue.problems) {
    generalLog()?.error("Cannot use row {row} of {path}: {reason}", { row, path, reason });
  }
  return catalogue;
}

function decode(file: Uint8Array, encoding: string | undefined = encodingOf(file)): string {
  return new TextDecoder(encoding).decode(file);
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
