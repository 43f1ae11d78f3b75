/** How catalogues of translations come in: from files, or from their contents. */
import { checkOptions, type OptionTypes, STRING } from "../../checks/option_check.ts";
import { generalLog } from "../../log.ts";
import { sourceFiles } from "../../platform/source_files.ts";
import type { Catalogue } from "./catalogue.ts";
import { CsvCatalogue } from "./csv_catalogue.ts";
import { parseGettext } from "./gettext_catalogue.ts";
import { languageTag, LOCALE_CODE } from "./language_tag.ts";
import { addCatalogue, replaceCatalogues } from "./registry.ts";

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
  replaceCatalogues(loaded);
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
  replaceCatalogues(loaded);
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
  addCatalogue(code, csvCatalogue(csv, code, code));
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
  addCatalogue(code, await parseGettext(file));
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
