/** The building of one application, once or again and again. */
import { existsSync, statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { loaderReplacement } from "./ahead_templates.ts";
import { ApplicationCode, importsOfGenerated } from "./application_code.ts";
import {
  ApplicationImport,
  type Asked,
  type Modules,
  RUNTIME_PLATFORM,
} from "./application_import.ts";
import { type ApplicationParts, collectParts } from "./application_parts.ts";
import type { ApplicationFacts } from "./application_probe.ts";
import { APPLICATION_SETTINGS } from "../web/application_settings.ts";
import type { OptionType } from "../checks/option_check.ts";
import { BuildError } from "./build_error.ts";
import type { FullBuildOptions } from "./build_options.ts";
import { type BundleSources, GENERATED, withGlobals } from "./bundle_plugin.ts";
import { cacheFile, hashOf } from "./cache_folder.ts";
import { withClassNames } from "./class_names.ts";
import { EsbuildPasses, filesOf, scriptOf } from "./esbuild_pass.ts";
import { startEsbuild } from "./esbuild_service.ts";
import { withGuess } from "./guess.ts";
import { KeptResults } from "./kept_results.ts";
import { ModuleImports } from "./module_imports.ts";
import { computesNames } from "./shaking/computed_names.ts";
import { FIRST_USES } from "./shaking/first_use.ts";
import {
  comesToSame,
  isKeptShake,
  type KeptShake,
  shakenOf,
  ShakeRecord,
} from "./shaking/kept_shake.ts";
import { shake, type ShakeInput, type ShakenLibrary } from "./shaking/shake.ts";
import { LEFT_OUT } from "./shaking/module_cutting.ts";
import { allNamesIn } from "./shaking/used_names.ts";
import { LIBRARY_CONFIG, LIBRARY_MAIN, libraryFile, requireLibrary } from "./library.ts";
import { MODERN_REPLACEMENTS } from "./modern_functions.ts";
import { ModuleGraph, urlOf } from "./module_graph.ts";
import { checkOutput, writeOutput } from "./output_folder.ts";
import { COMMON_JS, type ProbeProgram, usesCommonJS } from "./probe_program.ts";
import { gzipSize, modulesIn, type ModuleSize, sizesOf } from "./size_report.ts";
import { SourceCache } from "./source_cache.ts";
import { type EmbeddedAsset, type PlatformModule, staticModules } from "./static_folders.ts";
import { TARGETS } from "./target.ts";
import { checkTarget } from "./target_check.ts";
import { compilerReplacements } from "./text_templates.ts";
import { companionFiles, type EntryInput, entryText } from "./target_entry.ts";

/**
 * What a build has made.
 *
 * @category Servers and runtimes
 */
export interface BuildResult {
  /** The folder. */
  readonly out: string;
  /** The path of the bundle. */
  readonly bundle: string;
  /** The names of all files in the folder, in order. */
  readonly files: readonly string[];
  /** Bytes of the bundle. */
  readonly size: number;
  /** The same, compressed with gzip. */
  readonly gzipSize: number;
  /** What is in it, the heaviest first. */
  readonly modules: readonly ModuleSize[];
  /** The templates that were compiled. */
  readonly templates: number;
  /** The static files that come along. */
  readonly assets: readonly EmbeddedAsset[];
  /** The members of the library that were left out. */
  readonly leftOut: readonly string[];
  /** What somebody should know, such as files that were too large. */
  readonly notes: readonly string[];
  /** Milliseconds that it took. */
  readonly duration: number;
}

/** An application that is built, perhaps more than once. What has not changed is not read again. */
export class ApplicationBuild implements AsyncDisposable {
  readonly #options: FullBuildOptions;
  readonly #entry: string;
  readonly #out: string;
  readonly #cache: SourceCache;
  readonly #kept: KeptResults;
  readonly #passes: EsbuildPasses;
  readonly #imports: ApplicationImport;
  readonly #isWatched: boolean;
  #isSaved = false;
  #folders: readonly string[] = [];

  /**
   * @param options What was asked for.
   * @param isWatched Whether there will be more builds.
   */
  constructor(options: FullBuildOptions, isWatched = false) {
    this.#options = options;
    this.#isWatched = isWatched;
    this.#entry = resolve(options.cwd, options.entry);
    this.#out = resolve(options.cwd, options.out);
    this.#cache = new SourceCache({
      sourcemap: options.sourcemap,
      entry: this.#entry,
    });
    this.#kept = new KeptResults(cacheFile([JSON.stringify(options)], ".results.json"));
    this.#passes = new EsbuildPasses({
      cwd: options.cwd,
      entry: options.entry,
      outdir: this.#out,
      name: basename(this.#file, ".js"),
      isWatched,
    });
    this.#imports = new ApplicationImport({
      options,
      entry: this.#entry,
      platform: platformOf(options.target),
      readGraph,
      cache: this.#cache,
      kept: this.#kept,
      passes: this.#passes,
    });
  }

  /** Lets go what was kept for more builds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#passes[Symbol.asyncDispose]();
  }

  /** The files and the folders that a change of makes it worth building again. */
  get watched(): ReadonlySet<string> {
    return new Set([this.#entry, ...this.#imports.own, ...this.#folders]);
  }

  /**
   * Builds it. Nothing is written if something is wrong.
   *
   * @throws {BuildError} If it cannot be built; the message says why.
   */
  async run(): Promise<BuildResult> {
    const start = performance.now();
    requireLibrary();
    await checkOutput(this.#out);
    this.#requireEntry();
    this.#kept.begin();
    const since = Date.now();
    const asked = await this.#imports.ask(since);
    // What it shows is mostly what it has shown the last time.
    const guess = this.#kept.get("facts", isFacts)?.result;
    const { facts, parts, bundle } = await withGuess(
      asked.facts,
      guess,
      (facts) => this.#make(facts, { ...asked, since }),
    );
    const files = this.#filesOf(bundle, facts, parts);
    await writeOutput(this.#out, { files, copies: parts.copies });
    if (JSON.stringify(facts) !== JSON.stringify(guess)) {
      this.#kept.keep("facts", "", facts, { files: [], since });
    }
    await this.#save();
    const bytes = new TextEncoder().encode(bundle.code);
    return {
      out: this.#out,
      bundle: join(this.#out, this.#file),
      files: [...files.keys(), ...parts.copies.keys()].sort(),
      size: bytes.length,
      gzipSize: gzipSize(bytes),
      modules: bundle.modules,
      templates: parts.templates.count,
      assets: parts.statics.assets,
      leftOut: bundle.leftOut,
      notes: parts.notes,
      duration: performance.now() - start,
    };
  }

  /** Keeps what the next build can use. What is watched changes soon again: once is enough. */
  async #save(): Promise<void> {
    if (this.#isWatched && this.#isSaved) return;
    this.#isSaved = true;
    await this.#cache.save();
    this.#kept.save();
  }

  #requireEntry(): void {
    const found = statSync(this.#entry, { throwIfNoEntry: false });
    if (found?.isFile()) return;
    const { entry } = this.#options;
    const reason = found === undefined
      ? "there is no such file"
      : "it is no file; name the module whose default export is the application";
    throw new BuildError(`Cannot build ${entry}: ${reason}`);
  }

  /** The name of the bundle's file. */
  get #file(): string {
    return `${basename(this.#entry, extname(this.#entry))}.js`;
  }

  /** Makes what is written. */
  async #make(
    facts: ApplicationFacts,
    asked: Asked & { readonly since: number },
  ): Promise<Made> {
    const imports = new ModuleImports(asked.program.imports, asked.program.texts);
    const code = new ApplicationCode(imports, this.#entry);
    const parts = await collectParts(facts, {
      paths: asked.paths,
      names: code.names,
      options: this.#options,
    });
    this.#folders = parts.folders;
    const bundle = await this.#bundle({ ...asked, facts, parts, code, imports });
    return { facts, parts, bundle };
  }

  /** The bundle, or the one of the last time if all that it is made of is as it was. */
  async #bundle(input: BundleInput): Promise<Bundle> {
    const sources = await this.#sources(input);
    const key = hashOf([
      input.graph.identity,
      input.program.code,
      JSON.stringify([input.facts, ...sources.generated, ...sources.replaced]),
      ...input.parts.templates.texts,
    ]);
    const kept = this.#kept.get("bundle", isBundle);
    if (kept?.key === key) return kept.result;
    startEsbuild();
    const { bundle, files } = await this.#newBundle(sources, input);
    this.#kept.keep("bundle", key, bundle, {
      files: [...files, ...this.#cache.paths, ...input.graph.fetchedFiles],
      since: input.since,
    });
    return bundle;
  }

  async #sources({ graph, own, paths, facts, parts }: BundleInput): Promise<BundleSources> {
    const { target } = this.#options;
    const embedded = await staticModules(parts.statics, {
      platform: platformOf(target),
      base: paths.base,
    });
    return {
      graph,
      own,
      paths,
      cache: this.#cache,
      target: TARGETS[target],
      globals: TARGETS[target].globals,
      generated: new Map([
        [LEFT_OUT.module, LEFT_OUT.text],
        [ENTRY, entryText(this.#entryInput(facts, parts))],
        ...parts.templates.modules,
        ...parts.translations.modules,
        ...embedded.generated,
      ]),
      replaced: new Map([
        loaderReplacement(),
        [RUNTIME_PLATFORM, embedded.replacement],
        ...parts.translations.replaced,
        ...(TARGETS[target].generatesCode ? [] : compilerReplacements()),
      ]),
    };
  }

  async #newBundle(
    plain: BundleSources,
    { facts, parts, code: application, imports, since }: BundleInput,
  ): Promise<{ readonly bundle: Bundle; readonly files: readonly string[] }> {
    const { target, minify, sourcemap, cwd } = this.#options;
    const shaken = this.#options.shake
      ? await this.#shake(plain, { facts, parts, application, imports, since })
      : undefined;
    const sources = shaken === undefined ? plain : withShaken(plain, shakenOf(shaken));
    const options = {
      minify,
      sourcemap: sourcemap ? "linked" as const : false,
      ...(TARGETS[target].lacksFunctions && MODERN_REPLACEMENTS),
    };
    let result = await this.#passes.run(ENTRY, sources, options);
    // Most packages of CommonJS are left out with the parts of the library that use them.
    if (imports.useCommonJS && usesCommonJS(scriptOf(result))) {
      const banner = { js: COMMON_JS };
      result = await this.#passes.run(ENTRY, sources, { ...options, banner });
    }
    const { outputFiles, metafile } = result;
    const text = scriptOf(result);
    const code = minify ? text : withClassNames(text);
    checkTarget(this.#options.entry, target, {
      modules: modulesIn(metafile, cwd),
      names: application.namesBesideLibrary,
      made: facts,
    });
    const map = outputFiles.find(({ path }) => path.endsWith(".map"))?.text ?? null;
    const bundle = {
      code,
      map,
      modules: sizesOf(metafile, cwd),
      leftOut: shaken?.leftOut ?? [],
    };
    return { bundle, files: [...filesOf(metafile, cwd), ...shaken?.paths ?? []] };
  }

  async #shake(plain: BundleSources, input: ShakeSurroundings): Promise<KeptShake> {
    const record = new ShakeRecord();
    const whole = this.#shakeInput(plain, input, record);
    const { names, settings, imports, called } = whole;
    const key = hashOf([
      JSON.stringify([settings, imports, [...called], whole.computesNames, [...plain.replaced]]),
      input.imports.foreignIdentity,
    ]);
    const kept = this.#kept.get("shaken", isKeptShake);
    if (kept?.key === key && comesToSame(kept.result, names)) return kept.result;
    const result = record.kept(await shake(whole), names);
    this.#kept.keep("shaken", key, result, { files: result.paths, since: input.since });
    return result;
  }

  #shakeInput(
    { generated, replaced, globals = [] }: BundleSources,
    { facts, parts, application, imports }: ShakeSurroundings,
    record: ShakeRecord,
  ): ShakeInput {
    const { target } = this.#options;
    const { platformCalls } = TARGETS[target];
    const written = [
      ...parts.templates.modules.values(),
      ...parts.templates.texts,
      generated.get(ENTRY) ?? "",
    ];
    return {
      textOf: async (path) => {
        const text = replaced.get(path) ?? await this.#cache.javascript(path);
        record.note(path, text);
        return withGlobals(text, globals);
      },
      names: new Set([
        ...application.names,
        ...written.flatMap((text) => [...allNamesIn(text)]),
        ...this.#options.keep,
      ]),
      settings: facts.settings,
      allSettings: settingDefaults(),
      called: new Set(facts.called),
      platform: new Map(Object.entries(platformCalls)),
      target,
      computesNames: application.computesNames || written.some(computesNames),
      imports: [...application.imports, ...importsOfGenerated(generated)],
      foreignNames: (specifier, importer) => imports.foreignNames(specifier, importer),
      remember: (key, isFinding, find) => this.#cache.finding(key, isFinding, find),
    };
  }

  #entryInput(facts: ApplicationFacts, parts: ApplicationParts): EntryInput {
    const { target } = this.#options;
    const hasAssetFolder = parts.copies.size > 0;
    return {
      target,
      entry: this.#entry,
      facts,
      file: this.#file,
      hasAssetFolder,
    };
  }

  #filesOf(
    { code, map }: Bundle,
    facts: ApplicationFacts,
    parts: ApplicationParts,
  ): Map<string, string> {
    return new Map([
      [this.#file, code],
      ...(map === null ? [] : [[`${this.#file}.map`, map]] as const),
      ...companionFiles(this.#entryInput(facts, parts)),
    ]);
  }
}

const ENTRY = `${GENERATED}entry`;

interface Bundle {
  readonly code: string;
  readonly map: string | null;
  readonly modules: readonly ModuleSize[];
  readonly leftOut: readonly string[];
}

function isBundle(value: unknown): value is Bundle {
  const { code, modules, leftOut } = Object(value);
  return typeof code === "string" && Array.isArray(modules) && Array.isArray(leftOut);
}

function isFacts(value: unknown): value is ApplicationFacts {
  const { exports, translations } = Object(value);
  return Array.isArray(exports) && Array.isArray(translations);
}

/** What the library is shaken by. */
interface ShakeSurroundings {
  readonly facts: ApplicationFacts;
  readonly parts: ApplicationParts;
  readonly application: ApplicationCode;
  readonly imports: ModuleImports;
  readonly since: number;
}

interface BundleInput extends Modules {
  readonly program: ProbeProgram;
  /** When the build has begun, in milliseconds. */
  readonly since: number;
  readonly facts: ApplicationFacts;
  readonly parts: ApplicationParts;
  readonly code: ApplicationCode;
  readonly imports: ModuleImports;
}

/** What a build makes of an application. */
interface Made {
  readonly facts: ApplicationFacts;
  readonly parts: ApplicationParts;
  readonly bundle: Bundle;
}

/** The modules of an application, and those of the library where it has it from a registry. */
async function readGraph(
  entry: string,
  options: { readonly cwd: string; readonly config: string | undefined },
): Promise<ModuleGraph> {
  const graph = await ModuleGraph.read(entry, options);
  if (graph.knows(urlOf(libraryFile("platform/platform.ts")))) return graph;
  const library = await ModuleGraph.read(LIBRARY_MAIN, { cwd: "/", config: LIBRARY_CONFIG });
  return graph.with(library).with(await library.libraryPackages());
}

/** The same, of which nothing is left that nothing reaches. */
function withShaken(
  sources: BundleSources,
  { modules, firstUses }: ShakenLibrary,
): BundleSources {
  const entry = sources.generated.get(ENTRY) ?? "";
  const generated = new Map([
    ...sources.generated,
    [FIRST_USES, firstUses],
    [ENTRY, `import "${FIRST_USES}";\n${entry}`],
  ]);
  return { ...sources, generated, shaken: modules };
}

/** All settings, each with the text of what holds where it is not given. */
function settingDefaults(): Map<string, string> {
  const types: Readonly<Record<string, OptionType & { readonly default?: unknown }>> =
    APPLICATION_SETTINGS;
  return new Map(
    Object.entries(types).map(([name, row]) => [name, JSON.stringify(row.default) ?? "void 0"]),
  );
}

/** The platform of a target; the one of the web's interfaces where there is none of its own. */
function platformOf(target: string): PlatformModule {
  const file = libraryFile(`platform/${target}/${target}_platform.ts`);
  if (existsSync(file)) return { file, name: `${target}Platform` };
  return {
    file: libraryFile("platform/standard_platform.ts"),
    name: "standardPlatform",
  };
}
