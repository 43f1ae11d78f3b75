/**
 * The runtimes that tests run programs on. Those of npm are pinned in `tests/peers/`, and
 * `deno task peers` brings them; none of them has to be installed.
 *
 * @module
 */
import peers from "../peers/deno.json" with { type: "json" };

/** The packages of npm with a program in them, by what the runtime is called in tests. */
const PACKAGES = {
  "node@20": { name: "node-20", program: "bin/node" },
  "node@22": { name: "node-22", program: "bin/node" },
  "node@24": { name: "node-24", program: "bin/node" },
  "bun": { name: "@oven/bun-linux-x64", program: "bin/bun" },
  "npm": { name: "npm", program: "bin/npm-cli.js" },
} as const;

/** A runtime of `tests/peers/`, and npm, which is a program for Node. */
export type PeerRuntime = keyof typeof PACKAGES;

/** A runtime that programs of tests are run with. */
export type Runtime = PeerRuntime | "deno";

/** Every runtime of `tests/peers/`. */
export const PEER_RUNTIMES: readonly PeerRuntime[] = [
  "node@20",
  "node@22",
  "node@24",
  "bun",
];

const found = new Map<Runtime, string | undefined>();

/**
 * Finds a runtime.
 *
 * @returns The path of its program; `undefined` where it has not been fetched, or npm's is for another
 * system than this one.
 */
export function runtime(name: Runtime): string | undefined {
  if (!found.has(name)) found.set(name, name === "deno" ? Deno.execPath() : programOf(name));
  return found.get(name);
}

/** Tells whether a service of a test is one of the runtimes. */
export function isPeerRuntime(name: string): name is PeerRuntime {
  return Object.hasOwn(PACKAGES, name);
}

function programOf(name: PeerRuntime): string | undefined {
  const { os, arch } = Deno.build;
  if (name !== "npm" && (os !== "linux" || arch !== "x86_64")) return undefined;
  const { name: alias, program } = PACKAGES[name];
  const folder = fetchedPackage(peers.imports[alias]);
  return folder === undefined ? undefined : [`${folder}/${program}`].find(isFile);
}

/**
 * Finds a package of npm that Deno has fetched.
 *
 * @param specifier Such as `npm:ws@8.23.0`.
 * @returns Its folder; `undefined` if it has not been fetched.
 */
export function fetchedPackage(specifier: string): string | undefined {
  const [, path, version] = /^npm:(.+)@(.+)$/.exec(specifier) ?? [];
  return registries()
    .map((registry) => `${registry}/${path}/${version}`)
    .find((folder) => isFile(`${folder}/package.json`));
}

let folders: readonly string[] | undefined;

/** Where Deno keeps packages: a folder for each registry. */
export function registries(): readonly string[] {
  if (folders !== undefined) return folders;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  return folders = typeof npmCache === "string" ? foldersIn(npmCache) : [];
}

function foldersIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => `${path}/${name}`);
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
