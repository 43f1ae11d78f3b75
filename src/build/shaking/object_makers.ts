/** Functions of the library that make an object whose members are only reached by their names. */
import { libraryFile } from "../library.ts";

/** Their names, by the paths of their modules: what makes platforms, and parts of them. */
const OBJECT_MAKERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    libraryFile("platform/standard_platform.ts"),
    new Set(["standardPlatform", "processConsole", "missingFiles"]),
  ],
  [libraryFile("platform/workers/workers_platform.ts"), new Set(["workersPlatform"])],
  [libraryFile("platform/workers/hibernating_platform.ts"), new Set(["hibernatingPlatform"])],
  [libraryFile("platform/deno/deno_platform.ts"), new Set(["denoPlatform", "files"])],
  [libraryFile("platform/deno/deno_process.ts"), new Set(["processConsole"])],
  [libraryFile("platform/node/node_engine.ts"), new Set(["nodeEngine"])],
  [libraryFile("platform/node/node_files.ts"), new Set(["nodeFiles"])],
  [libraryFile("platform/node/node_process.ts"), new Set(["processConsole"])],
  [libraryFile("platform/bun/bun_platform.ts"), new Set(["bunPlatform"])],
  [libraryFile("platform/embedded_files.ts"), new Set(["embeddedFiles", "overlaidFiles"])],
]);

const NONE: ReadonlySet<string> = new Set();

/** The names of those in a module. */
export function objectMakersIn(path: string): ReadonlySet<string> {
  return OBJECT_MAKERS.get(path) ?? NONE;
}
