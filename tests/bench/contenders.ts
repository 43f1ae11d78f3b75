/** Who takes part. */
import type { Command } from "./contender.ts";

/** A framework or a server, as the benchmark starts it. */
export interface Entrant {
  readonly name: string;
  /** The rows that it can do. */
  readonly rows: ReadonlySet<string>;
  /** Why it takes no part on this machine; `null` if it does. */
  readonly missing: string | null;
  /** How to start it for a row. */
  command(row: string, root: string): Command;
}

const HTTP = ["fixed", "route100", "async", "json"];
const HERE = new URL(".", import.meta.url).pathname;
const NODE_MODULES = new URL("./peers/node/node_modules", import.meta.url);

/** Ours, the bare runtime twice, which tells the noise, and the peers. */
export const ENTRANTS: readonly Entrant[] = [
  deno("gustnado", "servers/gustnado.ts", [
    ...HTTP,
    "etag304",
    "template",
    "form",
    "signed",
    "static",
    "echo",
    "room",
    "client",
  ]),
  deno("bare", "servers/bare.ts", [...HTTP, "form", "signed", "static", "echo", "room", "client"]),
  deno("bare again", "servers/bare.ts", [
    ...HTTP,
    "form",
    "signed",
    "static",
    "echo",
    "room",
    "client",
  ]),
  bundled("bundled", "servers/gustnado.ts", ["start"]),
  packaged("packaged", "servers/gustnado.ts", ["start"]),
  deno("hono", "peers/hono.ts", [
    ...HTTP,
    "etag304",
    "template",
    "form",
    "signed",
    "static",
    "start",
  ]),
  node("fastify", "fastify.mjs", HTTP),
  node("ws", "ws.mjs", ["echo", "room"]),
  {
    name: "tornado",
    rows: new Set([...HTTP, "etag304", "form", "signed", "static", "echo", "room"]),
    missing: pythonTornado() ? null : "needs python3-tornado",
    command: (row, root) => ({
      program: "/usr/bin/python3",
      args: [`${HERE}peers/tornado_server.py`, row, root],
    }),
  },
  {
    ...deno("nginx", "peers/nginx.ts", ["static"]),
    missing: onPath("nginx") ? null : "needs nginx",
  },
];

/** A program of one file, as it is deployed. It is made where the benchmark keeps its own files. */
function bundled(name: string, file: string, rows: readonly string[]): Entrant {
  return {
    ...deno(name, file, rows),
    command: (row, root) => {
      const output = `${root}/bundle.js`;
      if (!exists(output)) bundle(`${HERE}${file}`, output);
      // Looking for the settings of the project belongs to what is compared.
      const config = new URL("../../deno.json", import.meta.url).pathname;
      return denoCommand(["--config", config, output, row, root]);
    },
  };
}

function bundle(file: string, output: string): void {
  runDeno(["bundle", "--quiet", "--platform", "deno", "--output", output, file]);
}

/** A program beside its modules, which imports what is published. */
function packaged(name: string, file: string, rows: readonly string[]): Entrant {
  return {
    ...deno(name, file, rows),
    command: (row, root) => {
      const config = `${root}/packaged.json`;
      if (!exists(config)) writePackage(root, config);
      return denoCommand(["--config", config, `${HERE}${file}`, row, root]);
    },
  };
}

function writePackage(root: string, config: string): void {
  const folder = `${root}/package`;
  runDeno(["task", "--quiet", "package", folder]);
  const { name, imports } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`));
  const map = { imports: { [name]: `${folder}/mod.js`, ...imports } };
  Deno.writeTextFileSync(config, JSON.stringify(map));
}

function runDeno(args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args: [...args], cwd: HERE })
    .outputSync();
  if (!success) {
    throw new Error(`deno ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }
}

function deno(name: string, file: string, rows: readonly string[]): Entrant {
  return {
    name,
    rows: new Set(rows),
    missing: null,
    command: (row, root) => denoCommand([`${HERE}${file}`, row, root]),
  };
}

function denoCommand(args: readonly string[]): Command {
  return {
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-check", "--allow-all", ...args],
  };
}

function node(name: string, file: string, rows: readonly string[]): Entrant {
  const installed = onPath("node") && exists(NODE_MODULES);
  return {
    name,
    rows: new Set(rows),
    missing: installed ? null : "needs Node, and `npm ci` in tests/bench/peers/node",
    command: (row) => ({ program: "node", args: [`${HERE}peers/node/${file}`, row] }),
  };
}

function exists(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a program is installed. */
export function onPath(program: string): boolean {
  const path = Deno.env.get("PATH") ?? "";
  return [...path.split(":"), "/usr/sbin"].some((folder) => exists(`${folder}/${program}`));
}

function pythonTornado(): boolean {
  if (!exists("/usr/bin/python3")) return false;
  return new Deno.Command("/usr/bin/python3", {
    args: ["-c", "import tornado"],
    stderr: "null",
  }).outputSync().success;
}
