/**
 * The real services that tests talk to: which are installed, tests that need them, and throw-away
 * servers of them on the loopback address.
 *
 * @module
 */
import { ChildServer } from "./child_server.ts";
import { poll } from "./poll.ts";
import { isPeerRuntime, type PeerRuntime, runtime } from "./runtimes.ts";
import { extraSockets, workerdConfig, type WorkerdOptions } from "./workerd/workerd_config.ts";

const PYTHON = "/usr/bin/python3";
const PEERS = new URL("../peers/", import.meta.url).pathname;
const OPENID_PROVIDER = `${PEERS}openid_provider.ts`;
// What is not there is missing: a test that is being registered is no time to fetch 240 MB.
const PEER_ARGUMENTS = [`--config=${PEERS}deno.json`, "--frozen", "--cached-only", "--quiet"];

/** The Debian package of each service a test may need. */
export const SERVICE_PACKAGES = {
  "chromium": "chromium",
  "redis-server": "redis-server",
  "nats-server": "nats-server",
  "nginx": "nginx-light",
  "supervisord": "supervisor",
  "systemd-analyze": "systemd",
  "script": "bsdutils",
  "tinyproxy": "tinyproxy",
  "wrk": "wrk",
  "python3-tornado": "python3-tornado",
} as const;

/** The npm packages of `tests/peers/`, which tests run as servers; `deno task peers` brings them. */
export const SERVER_MODULES = ["oidc-provider", "workerd"] as const;

/**
 * A service by the name of its program, for a module by the name of its package, and for a runtime as
 * `runtimes.ts` calls it.
 */
export type Service =
  | keyof typeof SERVICE_PACKAGES
  | typeof SERVER_MODULES[number]
  | PeerRuntime;

/** What {@link serviceTestDefinition} has to know of the machine. */
export interface ServiceTestConditions {
  /** Tells whether a service is installed. */
  readonly isInstalled: (service: Service) => boolean;
  /** Makes a missing service a failure, where it otherwise skips the test. */
  readonly mustRun: boolean;
}

/** A test, or a step of one, that needs services. */
export interface ServiceTestDefinition {
  /** The rule, with what it needs. */
  readonly name: string;
  /** Whether something is missing, and may be. */
  readonly ignore?: boolean;
  /** The test. */
  readonly fn: (context: Deno.TestContext) => void | Promise<void>;
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
  Deno.test(serviceTestDefinition({ services, name, fn }));
}

/**
 * Decides what {@link serviceTest} registers.
 *
 * @param test The test and the services it needs.
 * @param conditions What is installed, and whether skipping is allowed; as it is here unless given.
 * @returns The definition for `Deno.test`, or a step.
 */
export function serviceTestDefinition(
  test: {
    readonly services: Service | readonly Service[];
    readonly name: string;
    readonly fn: (context: Deno.TestContext) => void | Promise<void>;
  },
  conditions: ServiceTestConditions = conditionsHere(),
): ServiceTestDefinition {
  const services = [test.services].flat();
  const missing = services.filter((service) => !conditions.isInstalled(service));
  const name = `${test.name} [needs ${services.join(", ")}]`;
  if (missing.length === 0) return { name, fn: test.fn };
  if (!conditions.mustRun) return { name, fn: test.fn, ignore: true };
  return { name, fn: () => Promise.reject(missingError(missing)) };
}

function conditionsHere(): ServiceTestConditions {
  return { isInstalled, mustRun: Deno.env.get("GUSTNADO_ALL") === "1" };
}

/**
 * Starts a Redis server without persistence.
 *
 * @param options `port` starts it where an earlier one was, the default is a free one; `args` are more
 * arguments, which win over the others.
 * @returns The running server, to be bound with `await using`.
 */
export function startRedis(
  { args = [], ...options }: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<ChildServer> {
  return ChildServer.start({
    ...options,
    program: requireProgram("redis-server"),
    args: ({ port, directory }) => [
      ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
      ...args,
    ],
  });
}

/**
 * Starts a NATS server.
 *
 * @param options `port` starts it where an earlier one was, the default is a free one; `log` gives it
 * JetStream, for topics with history.
 * @returns The running server, to be bound with `await using`.
 */
export function startNats(
  { log = false, ...options }: { readonly port?: number; readonly log?: boolean } = {},
): Promise<ChildServer> {
  return ChildServer.start({
    ...options,
    program: requireProgram("nats-server"),
    args: ({ port, directory }) => [
      ...["-a", "127.0.0.1", "-p", `${port}`],
      ...log ? ["-js", "-sd", directory] : [],
    ],
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
 * Starts nginx with a site of its own, as a file of `/etc/nginx/conf.d` has it.
 *
 * @param site The text of that file; it listens on port 80, for which the server's own stands in.
 * @returns The running server, to be bound with `await using`.
 */
export function startNginxSite(site: string): Promise<ChildServer> {
  const listen = "listen 80;";
  if (!site.includes(listen)) throw new Error(`Cannot serve a site without "${listen}"`);
  const [http = "", server = ""] = site.split(/^server \{$/m);
  return startNginx(server.replace(listen, "").replace(/^\}$/m, ""), { http });
}

/**
 * Starts supervisor with programs to supervise.
 *
 * @param programs The text of a file of `/etc/supervisor/conf.d`, given the server's own directory.
 * @returns The running server, to be bound with `await using`; `supervisorctl` is told to use the file
 * `supervisord.conf` in its directory.
 */
export function startSupervisor(programs: (directory: string) => string): Promise<ChildServer> {
  return ChildServer.start({
    program: requireProgram("supervisord"),
    args: ({ directory }) => ["--nodaemon", "--configuration", `${directory}/supervisord.conf`],
    prepare: ({ port, directory }) =>
      Deno.writeTextFile(
        `${directory}/supervisord.conf`,
        supervisorConfig({ port, directory, programs: programs(directory) }),
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
 * @param options What it has beside them.
 * @returns The running server, to be bound with `await using`.
 */
export function startWorkerd(
  modules: Readonly<Record<string, string>>,
  options: WorkerdOptions = {},
): Promise<ChildServer> {
  return ChildServer.start({
    program: requireProgram("workerd"),
    args: ({ port, directory }) => [
      "serve",
      `${directory}/config.capnp`,
      // It prints the ports that it has found.
      "--control-fd=1",
      `--socket-addr=http=127.0.0.1:${port}`,
      ...extraSockets(options).map((name) => `--socket-addr=${name}=127.0.0.1:0`),
      // One worker triggers another so.
      ...options.cron === true ? ["--experimental"] : [],
    ],
    prepare: async ({ directory }) => {
      for (const [name, text] of Object.entries(modules)) {
        await Deno.writeTextFile(`${directory}/${name}`, text);
      }
      await Deno.mkdir(`${directory}/objects`);
      await Deno.writeTextFile(
        `${directory}/config.capnp`,
        workerdConfig(Object.keys(modules), { ...options, directory }),
      );
    },
  });
}

/**
 * The ports of workerd's sockets.
 *
 * @param server What {@link startWorkerd} has started.
 * @param names The sockets that are waited for.
 * @returns The ports by the names.
 * @throws {Error} If one of them does not listen within 20 s.
 */
export async function workerdPorts(
  server: ChildServer,
  names: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const found = () =>
    Object.fromEntries(
      server.output.split("\n").filter((line) => line.startsWith('{"event":"listen"'))
        .map((line): { socket: string; port: number } => JSON.parse(line))
        .filter(({ socket }) => names.includes(socket))
        .map(({ socket, port }) => [socket, port]),
    );
  if (await poll(() => names.every((name) => name in found()))) return found();
  throw new Error(`Cannot find the sockets of workerd:\n${server.output}`);
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
  if (isPeerRuntime(service)) return runtime(service) ?? null;
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

/**
 * Finds the program of a service.
 *
 * @returns Its path.
 * @throws {Error} If it is not installed; the message says how to install it.
 */
export function requireProgram(service: Service): string {
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
  return service === "oidc-provider" || service === "workerd" || isPeerRuntime(service)
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

function supervisorConfig(
  parts: { readonly port: number; readonly directory: string; readonly programs: string },
): string {
  return `
[inet_http_server]
port = 127.0.0.1:${parts.port}
[supervisord]
logfile = ${parts.directory}/supervisord.log
pidfile = ${parts.directory}/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = http://127.0.0.1:${parts.port}
${parts.programs}
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
