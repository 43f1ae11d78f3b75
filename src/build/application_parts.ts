/** What comes along with the modules of an application. */
import { type AheadOptions, type AheadTemplates, compileAhead } from "./ahead_templates.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import type { ApplicationFacts, TemplateFolder } from "./application_probe.ts";
import { BuildError } from "./build_error.ts";
import type { FullBuildOptions } from "./build_options.ts";
import { assetFolder, findStaticFiles, type StaticFolders } from "./static_folders.ts";
import { type Target, TARGETS } from "./target.ts";
import { compileTexts } from "./text_templates.ts";
import { findTranslations, type TranslationFolders } from "./translation_folders.ts";

/** What comes along beside the modules. */
export interface ApplicationParts {
  readonly templates: AheadTemplates;
  readonly statics: StaticFolders;
  readonly translations: TranslationFolders;
  /** The folders of all. */
  readonly folders: readonly string[];
  readonly copies: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** The members that give a page piece by piece. */
const STREAMING = ["renderStream", "generateStream"];
/** What compiles a text while the application runs. */
const COMPILING = ["Template", "compile"];

/**
 * Collects them.
 *
 * @param names The names in the application's code.
 * @throws {BuildError} If one is missing or malformed.
 */
export async function collectParts(
  facts: ApplicationFacts,
  { paths, names, options }: {
    readonly paths: ApplicationPaths;
    readonly names: ReadonlySet<string>;
    readonly options: FullBuildOptions;
  },
): Promise<ApplicationParts> {
  const { templates, assets, assetsIn, target } = options;
  if (assetsIn === "folder" && target !== "workers") {
    throw new BuildError(
      "Cannot put static files into a folder: only Workers serve one beside a bundle",
    );
  }
  const given = templates.map((root): TemplateFolder => ({
    root,
    autoescape: "xhtmlEscape",
  }));
  const reading: AheadOptions = {
    paths,
    streams: STREAMING.some((name) => names.has(name)),
    sources: TARGETS[target].generatesCode && COMPILING.some((name) => names.has(name)),
  };
  const compiled = await compileAll([...facts.templates, ...given], facts, { ...reading, target });
  const statics = await findStaticFiles([...facts.folders, ...assets], {
    ...options,
    paths,
  });
  const translations = await findTranslations(facts.translations, paths);
  const { staticPath } = facts;
  const isCopied = assetsIn === "folder" && staticPath !== null;
  return {
    templates: compiled,
    statics,
    translations,
    folders: [...compiled.folders, ...statics.folders, ...translations.folders],
    copies: isCopied
      ? await assetFolder(paths.toReal(staticPath), facts.staticUrlPrefix)
      : new Map(),
    notes: [...compiled.notes, ...(isCopied ? [] : statics.notes)],
  };
}

/** Where no code is made of texts, those that the application has at hand are compiled as well. */
async function compileAll(
  folders: readonly TemplateFolder[],
  facts: ApplicationFacts,
  { target, ...reading }: AheadOptions & { readonly target: Target },
): Promise<AheadTemplates> {
  const compiled = await compileAhead(folders, reading);
  if (TARGETS[target].generatesCode) return compiled;
  const { modules, texts } = compileTexts(facts, reading);
  return {
    ...compiled,
    modules: new Map([...compiled.modules, ...modules]),
    texts: [...compiled.texts, ...texts],
    count: compiled.count + texts.length,
  };
}
