/**
 * The real services that tests talk to: which are installed, tests that need them, and throw-away
 * servers of them on the loopback address.
 *
 * @module
 */
import { ChildServer } from "./child_server.ts";

const PYTHON = "/usr/bin/python3";
const PEERS = new URL("../peers/", import.meta.url).pathname;
const OPENID_PROVIDER = `${PEERS}openid_provider.ts`;
// What is not there is missing: a test that is being registered is no time to fetch 43 MB.
const PEER_ARGUMENTS = [`--config=${PEERS}deno.json`, "--frozen", "--cached-only", "--quiet"];

/** The Debian package of each service a test may need. */
export const SERVICE_PACKAGES = {
  "chromium": "chromium",
  "redis-server": "redis-server",
  "nats-server": "nats-server",
  "nginx": "nginx-light",
  "tinyproxy": "tinyproxy",
  "wrk": "wrk",
  "python3-tornado": "python3-tornado",
} as const;

/** The npm packages of `tests/peers/`, which tests run as servers; `deno task peers` brings them. */
export const SERVER_MODULES = ["oidc-provider", "workerd"] as const;

/** A service by the name of its program, or for a module by the name of its package. */
export type Service = keyof typeof SERVICE_PACKAGES | typeof SERVER_MODULES[number];

/** What {@link serviceTestDefinition} has to know of the machine. */
export interface ServiceTestConditions {
  /** Tells whether a service is installed. */
  readonly isInstalled: (service: Service) => boolean;
  /** Makes a missing service a failure, where it otherwise skips the test. */
  readonly mustRun: boolean;
}

const installed = new Map<Service, boolean>();

/**
 * Tells whether a service is installed on this machine.
 *
 * @param service The service to look for.
 * @returns Whether its program is in `PATH` or `/usr/sbin`, or its module can be imported.
 */
export function isInstalled(service: Service): boolean {
  const known = installed.get(service);
  if (known !== undefined) return known;
  const found = isFound(service);
  installed.set(service, found);
  return found;
}

function isFound(service: Service): boolean {
  switch (service) {
    case "python3-tornado":
      return importsTornado();
    case "oidc-provider":
      return importsProvider();
    default:
      return programOf(service) !== null;
  }
}

/**
 * Registers a test that needs real services.
 *
 * Where one of them is missing the test is ignored, and its name says what it needs. With
 * `GUSTNADO_ALL=1` in the environment it fails instead, so that CI can never skip it unnoticed.
 *
 * @param services What has to be installed.
 * @param name The rule that the test checks.
 * @param fn The test.
 */
export function serviceTest(
  services: Service | readonly Service[],
  name: string,
  fn: (context: Deno.TestContext) => void | Promise<void>,
): void {
  const conditions = { isInstalled, mustRun: Deno.env.get("GUSTNADO_ALL") === "1" };
  Deno.test(serviceTestDefinition({ services, name, fn }, conditions));
}

/**
 * Decides what {@link serviceTest} registers.
 *
 * @param test The test and the services it needs.
 * @param conditions What is installed, and whether skipping is allowed.
 * @returns The definition for `Deno.test`.
 */
export function serviceTestDefinition(
  test: {
    readonly services: Service | readonly Service[];
    readonly name: string;
    readonly fn: (context: Deno.TestContext) => void | Promise<void>;
  },
  conditions: ServiceTestConditions,
): Deno.TestDefinition {
  const services = [test.services].flat();
  const missing = services.filter((service) => !conditions.isInstalled(service));
  const name = `${test.name} [needs ${services.join(", ")}]`;
  if (missing.length === 0) return { name, fn: test.fn };
  if (!conditions.mustRun) return { name, fn: test.fn, ignore: true };
  return { name, fn: () => Promise.reject(missingError(missing)) };
}

/**
 * Starts a Redis server without persistence.
 *
 * @param options `port` starts it where an earlier one was. The default is a free port.
 * @returns The running server, to be bound with `await using`.
 */
export function startRedis(options: { readonly port?: number } = {}): Promise<ChildServer> {
  return ChildServer.start({
    ...options,
    program: requireProgram("redis-server"),
    args: ({ port, directory }) => [
      ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
    ],
  });
}

/**
 * Starts a NATS server.
 *
 * @param options `port` starts it where an earlier one was. The default is a free port.
 * @returns The running server, to be bound with `await using`.
 */
export function startNats(options: { readonly port?: number } = {}): Promise<ChildServer> {
  return ChildServer.start({
    ...options,
    program: requireProgram("nats-server"),
    args: ({ port }) => ["-a", "127.0.0.1", "-p", `${port}`],
  });
}

/**
 * Starts nginx with one virtual server.
 *
 * @param config The directives inside `server { … }`, below its `listen`.
 * @param options `http` holds directives for the `http` block, such as `map` and `upstream`; `ssl`
 * makes it speak TLS.
 * @returns The running server, to be bound with `await using`.
 */
export function startNginx(
  config: string,
  options: { readonly http?: string; readonly ssl?: boolean } = {},
): Promise<ChildServer> {
  return ChildServer.start({
    program: requireProgram("nginx"),
    args: ({ directory }) => ["-p", directory, "-e", "stderr", "-c", `${directory}/nginx.conf`],
    prepare: ({ port, directory }) =>
      Deno.writeTextFile(
        `${directory}/nginx.conf`,
        nginxConfig({
          port,
          directory,
          server: config,
          http: options.http ?? "",
          listen: options.ssl === true ? " ssl" : "",
        }),
      ),
  });
}

/**
 * Starts tinyproxy, which lets clients of 127.0.0.1 reach anything by plain requests and by CONNECT.
 *
 * @param options `username` and `password` to ask clients for; nobody is asked unless given.
 * @returns The running proxy, to be bound with `await using`.
 */
export function startTinyproxy(
  options: { readonly username?: string; readonly password?: string } = {},
): Promise<ChildServer> {
  return ChildServer.start({
    program: requireProgram("tinyproxy"),
    args: ({ directory }) => ["-d", "-c", `${directory}/tinyproxy.conf`],
    prepare: ({ port, directory }) => {
      const { username, password = "" } = options;
      const auth = username === undefined ? "" : `BasicAuth ${username} ${password}\n`;
      const lines = `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 10\n${auth}`;
      return Deno.writeTextFile(`${directory}/tinyproxy.conf`, lines);
    },
  });
}

/**
 * Starts workerd with one worker, which may reach the loopback address.
 *
 * @param modules The text of its modules by their names; the first is the worker.
 * @returns The running server, to be bound with `await using`.
 */
export function startWorkerd(modules: Readonly<Record<string, string>>): Promise<ChildServer> {
  return ChildServer.start({
    program: requireProgram("workerd"),
    args: ({ port, directory }) => [
      "serve",
      `${directory}/config.capnp`,
      `--socket-addr=http=127.0.0.1:${port}`,
    ],
    prepare: async ({ directory }) => {
      for (const [name, text] of Object.entries(modules)) {
        await Deno.writeTextFile(`${directory}/${name}`, text);
      }
      await Deno.writeTextFile(`${directory}/config.capnp`, workerdConfig(Object.keys(modules)));
    },
  });
}

/**
 * Starts a server written in Python, with Debian's own interpreter.
 *
 * @param script The source text. It finds its port in `sys.argv[1]` and listens on 127.0.0.1.
 * @returns The running server, to be bound with `await using`.
 */
export function startPython(script: string): Promise<ChildServer> {
  return ChildServer.start({
    program: PYTHON,
    args: ({ port, directory }) => ["-u", `${directory}/server.py`, `${port}`],
    prepare: ({ directory }) => Deno.writeTextFile(`${directory}/server.py`, script),
  });
}

/**
 * Starts an OpenID provider: `oidc-provider`, as `tests/peers/openid_provider.ts` sets it up.
 *
 * @param options `port` starts it where an earlier one was. The default is a free port.
 * @returns The running server, to be bound with `await using`.
 */
export function startOpenIDProvider(
  options: { readonly port?: number } = {},
): Promise<ChildServer> {
  return ChildServer.start({
    ...options,
    program: Deno.execPath(),
    args: ({ port }) => ["run", "-A", ...PEER_ARGUMENTS, OPENID_PROVIDER, `${port}`],
  });
}

function programOf(service: Service): string | null {
  return service === "workerd" ? workerdProgram() : findProgram(service);
}

let workerd: string | null | undefined;

/** It comes with npm, for some platforms; its module takes a while to say where it is. */
function workerdProgram(): string | null {
  if (workerd !== undefined) return workerd;
  const code = 'console.log((await import("workerd")).default.default)';
  const args = ["eval", ...PEER_ARGUMENTS, code];
  const { success, stdout } = new Deno.Command(Deno.execPath(), { args, stderr: "null" })
    .outputSync();
  const path = new TextDecoder().decode(stdout).trim();
  return workerd = success && isFile(path) ? path : null;
}

function findProgram(name: string): string | null {
  // An unprivileged shell often leaves out /usr/sbin, where Debian puts servers.
  const directories = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  return directories.map((directory) => `${directory}/${name}`).find(isFile) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function requireProgram(service: Service): string {
  const program = programOf(service);
  if (program === null) throw missingError([service]);
  return program;
}

function missingError(services: readonly Service[]): Error {
  const commands = new Set(services.map(installCommand));
  return new Error(
    `Cannot run a test that needs ${services.join(", ")}: not installed on this machine. ` +
      `Install with: ${[...commands].join(" && ")}`,
  );
}

function installCommand(service: Service): string {
  return service === "oidc-provider" || service === "workerd"
    ? "deno task peers"
    : `apt-get install --no-install-recommends ${SERVICE_PACKAGES[service]}`;
}

function importsTornado(): boolean {
  if (!isFile(PYTHON)) return false;
  const args = ["-c", "import tornado.web"];
  return new Deno.Command(PYTHON, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

function importsProvider(): boolean {
  const args = ["run", "-A", ...PEER_ARGUMENTS, OPENID_PROVIDER];
  const options = { args, stdout: "null", stderr: "null" } as const;
  return new Deno.Command(Deno.execPath(), options).outputSync().success;
}

function workerdConfig(modules: readonly string[]): string {
  const list = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`).join(", ");
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${list}],
      compatibilityDate = "2026-10-23",
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);
`;
}

function nginxConfig(
  parts: {
    readonly port: number;
    readonly directory: string;
    readonly server: string;
    readonly http: string;
    readonly listen: string;
  },
): string {
  const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${parts.directory}/${name};`)
    .join("\n  ");
  return `
daemon off;
master_process off;
pid ${parts.directory}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporaryPaths}
  ${parts.http}
  server {
    listen 127.0.0.1:${parts.port}${parts.listen};
    ${parts.server}
  }
}
`;
}
