/** Who takes part. */
import { isInstalled, requireProgram, type Service } from "../support/services.ts";
import { type Command, freePort } from "./contender.ts";
import { builtFor, bundleFor, exists, packageMap, programFor, workerFor } from "./programs.ts";
import type { Engine } from "./rows.ts";

/** A framework or a server, as the benchmark starts it. */
export interface Entrant {
  readonly name: string;
  /** The engine in whose rows it takes part. */
  readonly engine: Engine;
  /** The rows that it can do, by what servers know them by, and `"start"` and `"idle"`. */
  readonly rows: ReadonlySet<string>;
  /** Why it takes no part on this machine; `null` if it does. */
  readonly missing: string | null;
  /** How to start it for a row. */
  command(row: string, root: string): Command;
  /** How to start the least that answers, if that is not what it is for the first row. */
  start?(root: string): Command;
}

const HTTP = ["fixed", "route100", "async", "json"];
const SOCKETS = ["echo", "room", "idle"];
const BARE = [...HTTP, "form", "signed", "static", ...SOCKETS, "client", "start"];
const ELSEWHERE = ["fixed", "json", ...SOCKETS, "start"];
const HERE = new URL(".", import.meta.url).pathname;
const NODE_MODULES = new URL("./peers/node/node_modules", import.meta.url);
const NODE = "node@24";

/** Of each engine ours, the bare engine twice, which tells the noise, and the peers. */
export const ENTRANTS: readonly Entrant[] = [
  deno("gustnado", "servers/gustnado.ts", [...BARE, "etag304", "template"]),
  deno("bare", "servers/bare.ts", BARE),
  deno("bare again", "servers/bare.ts", BARE),
  {
    // Ours with history for what is published.
    ...deno("history", "servers/gustnado.ts", ["room"]),
    command: (row, root) => denoCommand([`${HERE}servers/gustnado.ts`, `${row} history`, root]),
  },
  {
    ...deno("bundled", "", ["start"]),
    // Looking for the settings of the project belongs to what is compared.
    start: (root) =>
      denoCommand(["--config", `${HERE}../../deno.json`, bundleFor(root, "starts/gustnado")]),
  },
  {
    ...deno("packaged", "", ["start"]),
    start: (root) => denoCommand(["--config", packageMap(root), `${HERE}starts/gustnado.ts`]),
  },
  built("deno"),
  deno("hono", "peers/hono.ts", [
    ...HTTP,
    "etag304",
    "template",
    "form",
    "signed",
    "static",
    "start",
  ]),
  nodePeer("deno", "fastify", HTTP),
  nodePeer("deno", "ws", SOCKETS),
  {
    name: "tornado",
    engine: "deno",
    rows: new Set([...HTTP, "etag304", "form", "signed", "static", ...SOCKETS, "start"]),
    missing: isInstalled("python3-tornado") ? null : "needs python3-tornado",
    command: (row, root) => ({
      program: "/usr/bin/python3",
      args: [`${HERE}peers/tornado_server.py`, row, root],
    }),
  },
  {
    ...deno("nginx", "peers/nginx.ts", ["static"]),
    missing: onPath("nginx") ? null : "needs nginx",
  },

  {
    ...deno("gustnado", "", ELSEWHERE),
    engine: "deno-node",
    command: (row, root) => denoCommand([`${HERE}servers/gustnado.ts`, row, root, "node"]),
  },
  { ...deno("bare", "servers/bare_node.ts", ELSEWHERE), engine: "deno-node" },
  { ...deno("bare again", "servers/bare_node.ts", ELSEWHERE), engine: "deno-node" },

  packaged("node", "gustnado"),
  built("node"),
  packaged("node", "bare", "bare_node"),
  packaged("node", "bare again", "bare_node"),
  nodePeer("node", "hono", ["fixed", "json", "start"]),
  nodePeer("node", "fastify", ["fixed", "json", "start"]),

  packaged("bun", "gustnado"),
  built("bun"),
  packaged("bun", "bare", "bare_bun"),
  packaged("bun", "bare again", "bare_bun"),
  nodePeer("bun", "hono", ["fixed", "json", "start"]),

  worker("gustnado", "worker"),
  worker("bare", "bare_worker"),
  worker("bare again", "bare_worker"),
];

function deno(name: string, file: string, rows: readonly string[]): Entrant {
  return {
    name,
    engine: "deno",
    rows: new Set(rows),
    missing: null,
    command: (row, root) => denoCommand([`${HERE}${file}`, row, root]),
    start: () => denoCommand([`${HERE}${file.replace(/^\w+/, "starts")}`]),
  };
}

function denoCommand(args: readonly string[]): Command {
  return {
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-check", "--allow-all", ...args],
  };
}

/** A server that runs beside the package as npm installs it. */
function packaged(engine: "node" | "bun", name: string, server = name): Entrant {
  return {
    name,
    engine,
    rows: new Set(ELSEWHERE),
    missing: lacking(runtimeOf(engine)),
    command: (row, root) => ({
      program: requireProgram(runtimeOf(engine)),
      args: [programFor(root, server), row, root],
    }),
  };
}

/** What `./build` makes of an application. */
function built(engine: "deno" | "node" | "bun"): Entrant {
  return {
    name: "built",
    engine,
    rows: new Set(["start"]),
    missing: engine === "deno" ? null : lacking(runtimeOf(engine)),
    command(_row, root) {
      const module = builtFor(root, "built", engine);
      const env = { HOST: "127.0.0.1", PORT: String(freePort()) };
      if (engine !== "deno") {
        return { program: requireProgram(runtimeOf(engine)), args: [module], env };
      }
      const place = ["--host", env.HOST, "--port", env.PORT];
      const args = ["serve", "--quiet", "--no-check", "--allow-all", ...place, module];
      return { program: Deno.execPath(), args, env };
    },
  };
}

/** A peer of npm; in the rows of Deno it runs on Node. */
function nodePeer(engine: "deno" | "node" | "bun", name: string, rows: readonly string[]): Entrant {
  const service = runtimeOf(engine);
  return {
    name,
    engine,
    rows: new Set(rows),
    missing: exists(NODE_MODULES) ? lacking(service) : "needs `npm ci` in tests/bench/peers/node",
    command: (row) => ({
      program: requireProgram(service),
      args: [`${HERE}peers/node/${name}.mjs`, row],
    }),
  };
}

function worker(name: string, server: string): Entrant {
  return {
    name,
    engine: "workerd",
    rows: new Set(["start"]),
    missing: lacking("workerd"),
    command: (_row, root) => ({
      program: requireProgram("workerd"),
      args: ["serve", "--control-fd=1", workerFor(root, server)],
    }),
  };
}

function runtimeOf(engine: "deno" | "node" | "bun"): "node@24" | "bun" {
  return engine === "bun" ? engine : NODE;
}

function lacking(service: Service): string | null {
  return isInstalled(service) ? null : `needs ${service}, which \`deno task peers\` fetches`;
}

/** Whether a program is installed. */
export function onPath(program: string): boolean {
  const path = Deno.env.get("PATH") ?? "";
  return [...path.split(":"), "/usr/sbin"].some((folder) => exists(`${folder}/${program}`));
}
