/** Templates of texts that an application makes when it is imported, compiled when it is built. */
import type * as ahead from "../template/ahead/ahead_texts.ts";
import type * as compiler from "../template/ahead/no_compiler.ts";
import { textKey, textsKey } from "../template/ahead/text_key.ts";
import type { BaseLoader } from "../template/loaders/base_loader.ts";
import { DictLoader } from "../template/loaders/dict_loader.ts";
import { Loader } from "../template/loaders/loader.ts";
import {
  type AheadOptions,
  type CompiledFile,
  compileSource,
  folderKey,
  moduleIndex,
} from "./ahead_templates.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import type { TemplateFolder, TemplateReading } from "./application_probe.ts";
import { BuildError } from "./build_error.ts";
import { GENERATED } from "./bundle_plugin.ts";
import { libraryFile } from "./library.ts";

/** A loader of texts that are at hand. */
export interface TextLoader extends TemplateReading {
  /** The texts by their names. */
  readonly sources: Readonly<Record<string, string>>;
}

/** A template that was made of a text. */
export interface TextTemplate extends TemplateReading {
  readonly source: string;
  readonly name: string;
  /** Where its relatives are; `null` if that cannot be told. */
  readonly loader: TextLoader | TemplateFolder | null;
}

/** The templates of texts of one application. */
export interface TextTemplates {
  readonly textLoaders: readonly TextLoader[];
  readonly textTemplates: readonly TextTemplate[];
}

/** The modules that stand in the place of those that compile. */
export function compilerReplacements(): readonly (readonly [path: string, text: string])[] {
  return [
    [libraryFile("template/loaders/dict_loader.ts"), DICT_LOADER],
    [libraryFile("template/template.ts"), TEMPLATE],
  ];
}

/**
 * Compiles them.
 *
 * @returns The modules of them, by the names that they are imported by, and what the texts say.
 * @throws {BuildError} If one is malformed, or a function escapes in it.
 */
export function compileTexts(
  { textLoaders, textTemplates }: TextTemplates,
  { paths, ...options }: AheadOptions,
): { readonly modules: ReadonlyMap<string, string>; readonly texts: readonly string[] } {
  const loaders = byKey(textLoaders, keyOfLoader);
  const templates = byKey(textTemplates, (template) => keyOfTemplate(template, paths));
  const indices = [...loaders].map(([key, loader], number) => ({
    key,
    ...moduleIndex(`text_loader/${number}/`, compileLoader(loader), options),
  }));
  const singles = moduleIndex(
    "text/",
    [...templates].map(([key, template]) => compileTemplate(key, template, paths)),
    options,
  );
  const all = [...indices, singles];
  const members = indices.map(({ key, members }) => `${JSON.stringify(key)}: {\n${members}\n},`);
  const table = `${all.map(({ imports }) => imports).join("\n")}
export const texts = {
loaders: {
${members.join("\n")}
},
templates: {
${singles.members}
},
};
`;
  return {
    modules: new Map([...all.flatMap(({ modules }) => [...modules]), [TABLE, table]]),
    texts: all.flatMap(({ texts }) => texts),
  };
}

const TABLE = `${GENERATED}text_templates`;

/** What is the same is compiled once. */
function byKey<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): ReadonlyMap<string, Value> {
  return new Map(values.map((value) => [keyOf(value), value]));
}

function keyOfLoader({ sources, ...reading }: TextLoader): string {
  return textsKey(sources, plainReading(reading, `the DictLoader of ${namesOf(sources)}`)) ?? "";
}

function keyOfTemplate(
  { source, name, loader, ...reading }: TextTemplate,
  paths: ApplicationPaths,
) {
  const key = loader === null
    ? null
    : "root" in loader
    ? folderKey(loader, paths)
    : keyOfLoader(loader);
  return textKey(source, { name, loader: key, ...plainReading(reading, `template "${name}"`) }) ??
    "";
}

function compileLoader(given: TextLoader): readonly CompiledFile[] {
  const loader = loaderOf(given);
  return Object.entries(given.sources).map(([name, source]) => ({
    name,
    source,
    code: compileSource(source, {
      name,
      loader,
      placeOf: (name) => `template "${name}" of a DictLoader, line `,
    }),
  }));
}

function compileTemplate(key: string, given: TextTemplate, paths: ApplicationPaths): CompiledFile {
  const { source, name, loader } = given;
  const code = compileSource(source, {
    name,
    ...(loader !== null && {
      loader: "root" in loader ? folderLoader(loader, paths) : loaderOf(loader),
    }),
    ...plainReading(given, `template "${name}"`),
    placeOf: (name) => `template "${name}", line `,
  });
  return { name: key, source, code };
}

function loaderOf({ sources, ...reading }: TextLoader): BaseLoader {
  return new DictLoader(sources, plainReading(reading, `the DictLoader of ${namesOf(sources)}`));
}

function folderLoader({ root, ...reading }: TemplateFolder, paths: ApplicationPaths): BaseLoader {
  return new Loader(paths.toReal(root), plainReading(reading, `the templates in "${root}"`));
}

function namesOf(sources: Readonly<Record<string, string>>): string {
  return Object.keys(sources).slice(0, 3).map((name) => JSON.stringify(name)).join(", ");
}

/** @throws {BuildError} If a function escapes: a bundle cannot tell it from another one. */
function plainReading(
  { autoescape, whitespace }: TemplateReading,
  what: string,
): { autoescape: string | null; whitespace?: NonNullable<TemplateReading["whitespace"]> } {
  if (autoescape === null || typeof autoescape === "string") {
    return { autoescape, ...(whitespace !== undefined && { whitespace }) };
  }
  throw new BuildError(
    `Cannot compile ${what}: autoescape is a function; name a function of the template's namespace ` +
      "instead",
  );
}

const [AHEAD, NO_COMPILER] = ["ahead_texts", "no_compiler"]
  .map((name) => JSON.stringify(libraryFile(`template/ahead/${name}.ts`)));

const DICT_BASE: keyof typeof ahead = "AheadDictLoader";
const TEMPLATE_BASE: keyof typeof ahead = "AheadTemplate";
const COMPILE: keyof typeof compiler = "compile";

const DICT_LOADER = `import { ${DICT_BASE} } from ${AHEAD};
import { texts } from "${TABLE}";
export class DictLoader extends ${DICT_BASE} {
  constructor(sources, options) {
    super(texts, sources, options);
  }
}
`;

const TEMPLATE = `import { ${TEMPLATE_BASE} } from ${AHEAD};
import { texts } from "${TABLE}";
export { ${COMPILE} } from ${NO_COMPILER};
export class Template extends ${TEMPLATE_BASE} {
  constructor(source, options) {
    super(texts, source, options);
  }
}
`;
