/** The import of an application, and the modules that it has. */
import { ApplicationPaths } from "./application_paths.ts";
import { type ApplicationFacts, runProbe } from "./application_probe.ts";
import type { FullBuildOptions } from "./build_options.ts";
import type { EsbuildPasses } from "./esbuild_pass.ts";
import type { KeptResults } from "./kept_results.ts";
import { libraryFile } from "./library.ts";
import type { ModuleGraph } from "./module_graph.ts";
import {
  configurationFiles,
  isProbeProgram,
  probePlatform,
  type ProbeProgram,
  probeProgram,
} from "./probe_program.ts";
import type { SourceCache } from "./source_cache.ts";
import type { PlatformModule } from "./static_folders.ts";
import { TARGETS } from "./target.ts";

/** The module of the library that says what the runtime can do. */
export const RUNTIME_PLATFORM: string = libraryFile("platform/runtime_platform.ts");

/** The modules of an application. */
export interface Modules {
  readonly graph: ModuleGraph;
  /** The paths of those that are its own. */
  readonly own: ReadonlySet<string>;
  readonly paths: ApplicationPaths;
}

/** An application that is being imported. */
export interface Asked extends Modules {
  readonly program: ProbeProgram;
  /** What it shows. */
  readonly facts: Promise<ApplicationFacts>;
}

/** What an import needs. */
export interface ImportSurroundings {
  readonly options: FullBuildOptions;
  /** The path of the application's module. */
  readonly entry: string;
  /** The platform of the target. */
  readonly platform: PlatformModule;
  readonly readGraph: (
    entry: string,
    options: { readonly cwd: string; readonly config: string | undefined },
  ) => Promise<ModuleGraph>;
  readonly cache: SourceCache;
  readonly kept: KeptResults;
  readonly passes: EsbuildPasses;
}

/** Imports an application, once for each build. */
export class ApplicationImport {
  readonly #given: ImportSurroundings;
  #own: ReadonlySet<string> = new Set();

  /** @param given What it needs. */
  constructor(given: ImportSurroundings) {
    this.#given = given;
  }

  /** The paths of the application's own modules, as far as they are known. */
  get own(): ReadonlySet<string> {
    return this.#own;
  }

  /**
   * Imports the application, while it is found out whether its imports are what they were.
   *
   * @param since When the build has begun, in milliseconds.
   * @throws {BuildError} If a module is missing or malformed.
   */
  async ask(since: number): Promise<Asked> {
    const { options, entry, readGraph } = this.#given;
    const { cwd, config } = options;
    const kept = this.#given.kept.get("probe", isProbeProgram);
    const ended = new AbortController();
    const early = kept && this.#probe(kept.result, ended.signal);
    try {
      const graph = await readGraph(entry, { cwd, config });
      const own = this.#own = graph.ownFiles(entry);
      const paths = new ApplicationPaths(cwd, own);
      if (early !== undefined && kept?.key === graph.identity) {
        return { graph, own, paths, program: kept.result, facts: early };
      }
      ended.abort();
      const program = await this.#probeProgram({ graph, own, paths }, since);
      const facts = this.#probe(program, new AbortController().signal);
      return { graph, own, paths, program, facts };
    } catch (error) {
      ended.abort();
      throw error;
    } finally {
      if (ended.signal.aborted) await early?.catch(() => {});
    }
  }

  async #probeProgram({ graph, own, paths }: Modules, since: number): Promise<ProbeProgram> {
    const { options: { cwd, config }, entry, platform, cache, kept, passes } = this.#given;
    const { program, files } = await probeProgram(entry, {
      graph,
      own,
      paths,
      cache,
      target: TARGETS.deno,
      replaced: new Map([[RUNTIME_PLATFORM, probePlatform(platform)]]),
    }, passes);
    kept.keep("probe", graph.identity, program, {
      files: [...files, ...graph.fetchedFiles, ...configurationFiles(entry, config, cwd)],
      since,
    });
    return program;
  }

  #probe({ code }: ProbeProgram, signal: AbortSignal): Promise<ApplicationFacts> {
    const { entry, cwd, timeout } = this.#given.options;
    const facts = runProbe(code, { entry, cwd, timeout, signal });
    // It is waited for later, and may have failed by then.
    facts.catch(() => {});
    return facts;
  }
}
