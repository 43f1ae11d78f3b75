/** The runs of esbuild. */
import { resolve } from "node:path";
import * as esbuild from "esbuild";
import { type BundleFindings, bundlePlugin, type BundleSources } from "./bundle_plugin.ts";
import { startEsbuild } from "./esbuild_service.ts";
import { buildErrorOf, SYNTAX_TARGET } from "./source_cache.ts";

/** What esbuild has made, and the JavaScript of the modules that it was given, by path. */
export type PassResult =
  & esbuild.BuildResult<{ write: false; metafile: true }>
  & Pick<BundleFindings, "modules">;

/** What is the same for all runs of a build. */
export interface PassSurroundings {
  /** What relative paths start at. */
  readonly cwd: string;
  /** The application's module as it was named, for messages. */
  readonly entry: string;
  readonly outdir: string;
  /** The name of the bundle, without its ending. */
  readonly name: string;
  /** Whether there will be more builds: then esbuild keeps what it has parsed. */
  readonly isWatched: boolean;
}

/** A bundle that esbuild makes again and again. */
interface Repeated {
  /** What must stay the same. */
  readonly key: string;
  readonly context: esbuild.BuildContext<PassOptions>;
  /** Says what the next run is made of. */
  readonly use: (sources: BundleSources, findings: BundleFindings) => void;
}

type PassOptions = esbuild.BuildOptions & { readonly write: false; readonly metafile: true };

/** The runs of one application. */
export class EsbuildPasses implements AsyncDisposable {
  readonly #surroundings: PassSurroundings;
  readonly #repeated = new Map<string, Repeated>();

  /** @param surroundings What is the same for all of them. */
  constructor(surroundings: PassSurroundings) {
    this.#surroundings = surroundings;
  }

  /** What relative paths start at. */
  get cwd(): string {
    return this.#surroundings.cwd;
  }

  /**
   * Makes a bundle, in memory.
   *
   * @param module What it begins with.
   * @param sources What it is made of.
   * @param more Options beside those that all runs have.
   * @throws {BuildError} If something is wrong with a module.
   */
  async run(
    module: string,
    sources: BundleSources,
    more: esbuild.BuildOptions,
  ): Promise<PassResult> {
    startEsbuild();
    const findings: BundleFindings = { modules: new Map() };
    try {
      const result = await this.#build(module, { sources, findings, more });
      return { ...result, modules: findings.modules };
    } catch (error) {
      throw findings.error ?? buildErrorOf(error, this.#surroundings.entry);
    }
  }

  /** Lets go what esbuild has kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#repeated.values()];
    this.#repeated.clear();
    await Promise.all(all.map(({ context }) => context.dispose()));
  }

  async #build(
    module: string,
    { sources, findings, more }: {
      readonly sources: BundleSources;
      readonly findings: BundleFindings;
      readonly more: esbuild.BuildOptions;
    },
  ): Promise<esbuild.BuildResult<PassOptions>> {
    const { plugin, use } = bundlePlugin(sources);
    const options = this.#options(module, sources, more);
    if (!this.#surroundings.isWatched) {
      use(sources, findings);
      return await esbuild.build({ ...options, plugins: [plugin] });
    }
    // The plugin says once for which paths it is asked.
    const key = JSON.stringify([options, [...sources.own], [...sources.replaced.keys()]]);
    let repeated = this.#repeated.get(module);
    if (repeated?.key !== key) {
      await repeated?.context.dispose();
      repeated = { key, use, context: await esbuild.context({ ...options, plugins: [plugin] }) };
      this.#repeated.set(module, repeated);
    }
    repeated.use(sources, findings);
    return await repeated.context.rebuild();
  }

  #options(module: string, sources: BundleSources, more: esbuild.BuildOptions): PassOptions {
    const { cwd, outdir, name } = this.#surroundings;
    return {
      absWorkingDir: cwd,
      entryPoints: [{ in: module, out: name }],
      outdir,
      bundle: true,
      format: "esm",
      platform: "neutral",
      target: SYNTAX_TARGET,
      conditions: [...sources.target.conditions],
      treeShaking: true,
      legalComments: "none",
      charset: "utf8",
      logLevel: "silent",
      ...more,
      define: { "process.env.NODE_ENV": '"production"', ...more.define },
      write: false,
      metafile: true,
    };
  }
}

/** The text of the bundle. */
export function scriptOf({ outputFiles }: Pick<PassResult, "outputFiles">): string {
  return outputFiles.find(({ path }) => path.endsWith(".js"))?.text ?? "";
}

/** The files of this machine that a bundle was made of, without those that Deno has fetched. */
export function filesOf({ inputs }: esbuild.Metafile, cwd: string): string[] {
  return Object.keys(inputs).filter((key) => !/^(?:generated|fetched):|^</.test(key))
    .map((key) => resolve(cwd, key.replace(/^(?:original:|\(disabled\):)/, "")));
}
