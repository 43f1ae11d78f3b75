/**
 * Where the package runs: the columns of the compatibility table, and what each of them cannot do.
 *
 * @module
 */
import { type Runtime, runtime } from "../support/runtimes.ts";
import type { Service } from "../support/services.ts";

/** A column of the table. */
export interface Target {
  /** What it is called there. */
  readonly name: string;
  /** What has to be installed for its tests. */
  readonly needs: readonly Service[];
  /** The runtime that runs programs; `null` for workerd, which runs bundles. */
  readonly runtime: Runtime | null;
  /** What it calls itself. */
  readonly calls: RegExp;
  /** Why it lacks a feature, by the name of the feature. */
  readonly lacks: Readonly<Record<string, string>>;
}

const NO_FILES = "There are no files";
const NO_PROCESS = "There is no process: the platform listens";
const NO_FIELDS = "The runtime takes no header fields";
const NO_PINGS = "The runtime sends no pings";
const NO_BACKLOG = "The runtime does not tell how much is unsent";
const NO_CONNECTION = "No connection is kept from one request to the next";

/** The columns. */
export const TARGETS: readonly Target[] = [
  {
    name: "Deno",
    needs: [],
    runtime: "deno",
    calls: /^Deno\//,
    lacks: {
      "WebSocket compression": '`Deno.serve` has none; `engine: "node"` has it',
    },
  },
  {
    name: "Node 20",
    needs: ["node@20"],
    runtime: "node@20",
    calls: /^Node\.js\/20$/,
    lacks: {},
  },
  {
    name: "Node 22",
    needs: ["node@22"],
    runtime: "node@22",
    calls: /^Node\.js\/22$/,
    lacks: {},
  },
  {
    name: "Node 24",
    needs: ["node@24"],
    runtime: "node@24",
    calls: /^Node\.js\/24$/,
    lacks: {},
  },
  { name: "Bun", needs: ["bun"], runtime: "bun", calls: /^Bun\//, lacks: {} },
  {
    name: "Workers",
    needs: ["workerd"],
    runtime: null,
    calls: /^Cloudflare-Workers$/,
    lacks: {
      "uploads into files": NO_FILES,
      "templates, compiled at run time":
        "No code is made from text: `./build` compiles templates ahead",
      "templates in files": NO_FILES,
      "static files": NO_FILES,
      "gzip": "The platform compresses what it sends, unless `./build` has made the bundle",
      "topics as event streams": "The object that hosts the topics has WebSockets only",
      "sessions in Redis": NO_CONNECTION,
      "WebSocket client: header fields": NO_FIELDS,
      "WebSocket client: pings": NO_PINGS,
      "WebSocket client: back-pressure": NO_BACKLOG,
      "HTTPS: `cert`, `key`": NO_PROCESS,
      "Unix sockets: `path`": NO_PROCESS,
      "`app.listen()`, an end in order on `SIGTERM`": NO_PROCESS,
    },
  },
];

/** How a program is run. */
export function command(
  target: Target,
  program: string,
): { readonly program: string; readonly args: readonly string[] } {
  const path = runtime(target.runtime ?? "deno") ?? "";
  const flags = target.runtime === "deno" ? ["run", "-A", "--no-check", "--quiet"] : [];
  return { program: path, args: [...flags, program] };
}
