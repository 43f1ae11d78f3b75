/**
 * The configuration of workerd for tests: one worker, and what stands around it.
 *
 * @module
 */

/** What a worker has beside its modules. */
export interface WorkerdOptions {
  /** The Durable Objects: their classes by the names of their bindings. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Texts of its environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Names of more sockets, whose ports are free ones. A request that comes in on one of them has its name
   * in the field `x-test-socket`.
   */
  readonly sockets?: readonly string[];
  /** Folders that the worker may fetch from, by the names of their bindings. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Whether `GET /?time=…` on the socket `cron` triggers the worker as a clock would, at that time. */
  readonly cron?: boolean;
  /** Its compatibility date. Default that of the version of workerd. */
  readonly compatibilityDate?: string;
}

/** Triggers the worker, which the runtime has no other way for. */
const CRON = `export default {
  async fetch(request, { MAIN }) {
    const scheduledTime = new Date(Number(new URL(request.url).searchParams.get("time")));
    return Response.json(await MAIN.scheduled({ scheduledTime, cron: "* * * * *" }));
  },
};`;

/** The names of all sockets but the first. */
export function extraSockets({ sockets = [], cron = false }: WorkerdOptions): readonly string[] {
  return cron ? [...sockets, "cron"] : sockets;
}

/** The compatibility date of the version of workerd that `tests/peers/` names. */
const COMPATIBILITY_DATE = "2026-10-23";

const CRON_SERVICE = `(name = "cron", worker = (
      modules = [(name = "cron.js", esModule = ${JSON.stringify(CRON)})],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ["service_binding_extra_handlers"],
      bindings = [(name = "MAIN", service = "main")],
    ))`;

/**
 * Writes it.
 *
 * @param modules The names of the worker's modules, which are files beside the configuration.
 * @param options What else there is. `directory` is where objects keep what they have.
 */
export function workerdConfig(
  modules: readonly string[],
  options: WorkerdOptions & { readonly directory: string },
): string {
  const { objects = {}, variables = {}, sockets = [], folders = {}, directory } = options;
  const { compatibilityDate = COMPATIBILITY_DATE } = options;
  const list = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`);
  const classes = Object.values(objects)
    .map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`);
  const bindings = [
    ...Object.entries(objects)
      .map(([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`),
    ...Object.entries(variables)
      .map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`),
    ...Object.keys(folders).map((name) => `(name = "${name}", service = "${name}")`),
  ];
  const disks = Object.entries(folders)
    .map(([name, path]) => `(name = "${name}", disk = (path = "${path}"))`);
  const more = sockets.map((name) =>
    `(name = "${name}", service = "main", http = (injectRequestHeaders = [
      (name = "x-test-socket", value = "${name}")]))`
  );
  const services = options.cron === true ? [...disks, CRON_SERVICE] : disks;
  if (options.cron === true) more.push('(name = "cron", http = (), service = "cron")');
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${list.join(", ")}],
      compatibilityDate = "${compatibilityDate}",
      durableObjectNamespaces = [${classes.join(", ")}],
      durableObjectStorage = (localDisk = "disk"),
      bindings = [${bindings.join(", ")}],
    )),
    (name = "internet", network = (allow = ["local"])),
    (name = "disk", disk = (path = "${directory}/objects", writable = true)),
    ${services.join(",\n    ")}
  ],
  sockets = [
    (name = "http", http = (), service = "main"),
    ${more.join(",\n    ")}
  ],
);
`;
}
