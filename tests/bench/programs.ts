/** What a run makes for itself, in the folder of its files: bundles, the package, workers. */
import config from "../../deno.json" with { type: "json" };
import { fetchedPackage } from "../support/runtimes.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const HERE = new URL(".", import.meta.url).pathname;
const SERVERS = `${HERE}servers/`;

/** A program of one file, as it is deployed on Deno. */
export function bundleFor(root: string, program: string): string {
  return once(`${root}/bundle-${program.replace("/", "-")}.js`, (output) => {
    bundle(`${HERE}${program}.ts`, ["--platform", "deno", "--output", output]);
  });
}

/** A server for Node or Bun, which imports the package as npm installs it. */
export function programFor(root: string, server: string): string {
  linkModules(root);
  return once(`${root}/${server}.mjs`, (output) => {
    const packages = [config.name, "ws", "node:*"].map((name) => `--external=${name}`);
    bundle(`${SERVERS}${server}.ts`, ["--platform", "deno", ...packages, "--output", output]);
  });
}

/** An import map for programs on Deno that import the package as JSR gives it. */
export function packageMap(root: string): string {
  return once(`${root}/packaged.json`, (output) => {
    const folder = packageIn(root);
    const { imports } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)) as {
      imports: Record<string, string>;
    };
    const absolute = Object.entries(imports)
      .map(([name, path]) => [name, path.replace(/^\.\//, `${folder}/`)]);
    const map = { [config.name]: `${folder}/mod.js`, ...Object.fromEntries(absolute) };
    Deno.writeTextFileSync(output, JSON.stringify({ imports: map }));
  });
}

/** What `./build` makes of an application of ours: one module. */
export function builtFor(root: string, server: string, target: string): string {
  const folder = `${root}/${server}-${target}`;
  once(folder, () => {
    const args = [`${SERVERS}${server}.ts`, "--target", target, "--out", folder];
    runDeno(["run", "--quiet", "--no-check", "--allow-all", `${ROOT}src/build/mod.ts`, ...args]);
  });
  return `${folder}/${server}.js`;
}

/** The configuration of workerd for a worker of one module, made by `./build` if it is a program of ours. */
export function workerFor(root: string, server: string): string {
  return once(`${root}/${server}.capnp`, (output) => {
    const given = `${SERVERS}${server}.js`;
    const module = exists(given) ? given : builtFor(root, server, "workers");
    Deno.copyFileSync(module, `${root}/${server}.js`);
    Deno.writeTextFileSync(output, workerConfig(`${server}.js`));
  });
}

function workerConfig(file: string): string {
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "${file}")],
    compatibilityDate = "2026-10-23",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

function packageIn(root: string): string {
  return once(`${root}/package`, (output) => {
    runDeno(["task", "--quiet", "package", output]);
  });
}

/** What the programs import stands where Node looks for it. */
function linkModules(root: string): void {
  once(`${root}/node_modules`, (folder) => {
    const scope = `${folder}/${config.name.split("/")[0]}`;
    Deno.mkdirSync(scope, { recursive: true });
    Deno.symlinkSync(packageIn(root), `${folder}/${config.name}`);
    const ws = fetchedPackage(config.imports.ws);
    if (ws === undefined) throw new Error("Cannot find the package ws: deno install fetches it");
    Deno.symlinkSync(ws, `${folder}/ws`);
  });
}

function once(path: string, make: (path: string) => void): string {
  if (!exists(path)) make(path);
  return path;
}

function bundle(file: string, options: readonly string[]): void {
  runDeno(["bundle", "--quiet", ...options, file]);
}

function runDeno(args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args: [...args], cwd: SERVERS })
    .outputSync();
  if (!success) {
    throw new Error(`deno ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }
}

/** Whether there is a file or folder. */
export function exists(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
