/** What of the library does not work on a runtime. */
import { BuildError } from "./build_error.ts";
import { libraryFile } from "./library.ts";
import { type Target, TARGETS } from "./target.ts";
import type { TextTemplates } from "./text_templates.ts";

/** A module of the library that some runtimes cannot use. */
interface Lack {
  /** Its path in `src/`. */
  readonly module: string;
  /** The names that an application has it by. */
  readonly names: readonly string[];
  /** What it is called in the message. */
  readonly feature: string;
  readonly targets: readonly Target[];
  /** What to do in its place. */
  readonly wayOut: string;
  /** Whether the build has seen what it can do instead. */
  readonly unless?: (made: TextTemplates) => boolean;
}

const OTHER_THAN_DENO: readonly Target[] = ["workers", "bun", "node"];
const ALL: readonly Target[] = ["deno", ...OTHER_THAN_DENO];

/** No code is made of texts. */
const LATER =
  "make it at the top of a module, where the build compiles it, or put the texts into a " +
  'folder, for the setting "templatePath" or a Loader';

const LACKS: readonly Lack[] = [
  {
    module: "template/loaders/dict_loader.ts",
    names: ["DictLoader"],
    feature: "a DictLoader that is made while it runs",
    targets: ["workers"],
    wayOut: LATER,
    unless: ({ textLoaders }) => textLoaders.length > 0,
  },
  {
    // Texts may well name the UI module Template.
    module: "template/template.ts",
    names: ["Template"],
    feature: "a Template that is made while it runs",
    targets: ["workers"],
    wayOut: LATER,
    unless: ({ textTemplates }) => textTemplates.length > 0,
  },
  {
    module: "template/ahead/no_compiler.ts",
    names: ["compile"],
    feature: "template.compile while it runs",
    targets: ["workers"],
    wayOut: LATER,
  },
  {
    module: "concurrent/workers/worker_pool.ts",
    names: ["WorkerPool"],
    feature: "WorkerPool, whose threads load modules of their own",
    targets: ALL,
    wayOut: "run the application from its source",
  },
  {
    module: "web/session/deno_kv_session_store.ts",
    names: ["DenoKvSessionStore"],
    feature: "DenoKvSessionStore",
    targets: OTHER_THAN_DENO,
    wayOut: "keep sessions in a RedisSessionStore, or in the cookie",
  },
  {
    module: "net/iostream/io_stream.ts",
    names: ["IOStream", "TCPServer", "TCPClient"],
    feature: "TCP sockets (IOStream, TCPServer, TCPClient)",
    targets: OTHER_THAN_DENO,
    wayOut: "build it for Deno",
  },
];

/**
 * Refuses a bundle that could not run.
 *
 * @param entry The application's module, for the message.
 * @param bundle The paths of the modules that something in it comes from, the names in the modules of the
 *   application that import the library, and the templates that were made of texts when it was imported.
 * @throws {BuildError} It names what the runtime lacks.
 */
export function checkTarget(
  entry: string,
  target: Target,
  bundle: {
    readonly modules: ReadonlySet<string>;
    readonly names: ReadonlySet<string>;
    readonly made: TextTemplates;
  },
): void {
  const lack = LACKS.find(({ module, targets, names, unless }) =>
    targets.includes(target) && bundle.modules.has(libraryFile(module)) &&
    names.some((name) => bundle.names.has(name)) && unless?.(bundle.made) !== true
  );
  if (lack === undefined) return;
  throw new BuildError(
    `Cannot build ${entry} for ${TARGETS[target].name}: it uses ${lack.feature}; ${lack.wayOut}`,
  );
}
