/** Two nodes behind nginx, their broker, and what cuts clients off. */
import { freePort } from "../support/child_server.ts";
import { delay, Program, type ProgramOptions } from "./program.ts";

/** What carries the topics of the nodes. */
export type Engine = "redis" | "nats";

/** How a node is started. */
export type NodeCommand = (port: number, brokerUrl: string) => Omit<ProgramOptions, "port">;

const NODES = 2;
const RESTART_PAUSE = 500;

/** Everything that is between two clients. */
export class Arena implements AsyncDisposable {
  /** Where clients connect. */
  readonly url: string;
  /** Where nobody is cut off. */
  readonly httpUrl: string;
  readonly #broker: Program;
  readonly #nodes: readonly Program[];
  readonly #control: string;
  readonly #programs: AsyncDisposableStack;

  private constructor(parts: {
    readonly cutter: Program;
    readonly control: number;
    readonly nginx: Program;
    readonly broker: Program;
    readonly nodes: readonly Program[];
    readonly programs: AsyncDisposableStack;
  }) {
    this.url = `http://127.0.0.1:${parts.cutter.port}`;
    this.httpUrl = `http://127.0.0.1:${parts.nginx.port}`;
    this.#broker = parts.broker;
    this.#nodes = parts.nodes;
    this.#control = `http://127.0.0.1:${parts.control}`;
    this.#programs = parts.programs;
  }

  /** Starts all of it. */
  static async start(engine: Engine, nodeCommand: NodeCommand): Promise<Arena> {
    await using programs = new AsyncDisposableStack();
    const directory = await Deno.makeTempDir({ prefix: "gustnado-chaos-" });
    programs.defer(() => Deno.remove(directory, { recursive: true }));
    const port = freePort();
    const broker = programs.use(await Program.start(brokerCommand(engine, port, directory)));
    const nodes: Program[] = [];
    for (let node = 0; node < NODES; node++) {
      const port = freePort();
      const command = nodeCommand(port, `${engine}://127.0.0.1:${broker.port}`);
      nodes.push(programs.use(await Program.start({ ...command, port })));
    }
    const nginx = programs.use(await startNginx(directory, nodes.map((node) => node.port)));
    const control = freePort();
    const cutter = programs.use(await startCutter(nginx.port, control));
    return new Arena({ cutter, control, nginx, broker, nodes, programs: programs.move() });
  }

  /** Cuts a client off. */
  async cut(client: number, ms: number): Promise<void> {
    const response = await fetch(`${this.#control}/?client=${client}&ms=${ms}`, { method: "POST" });
    await response.body?.cancel();
  }

  /** Ends the broker as `kill -9` does, and starts it again. */
  async killBroker(ms: number): Promise<void> {
    await this.#broker.kill();
    await delay(ms);
    await this.#broker.start();
  }

  /** Ends a node as `kill -9` does, and starts it again as a supervisor would. */
  async killNode(): Promise<void> {
    const [node] = this.#nodes;
    await node?.kill();
    await delay(RESTART_PAUSE);
    await node?.start();
  }

  /**
   * Restarts one node after the other.
   *
   * @returns The exit codes.
   */
  async restartNodes(): Promise<number[]> {
    const codes: number[] = [];
    for (const node of this.#nodes) {
      codes.push(await node.stop());
      await node.start();
      await delay(RESTART_PAUSE);
    }
    return codes;
  }

  /** Mebibytes of memory of the larger node. */
  memory(): number {
    return Math.max(...this.#nodes.map((node) => node.memory()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#programs.disposeAsync();
  }
}

/** What is acknowledged is on its way to the disk: a killed process loses none of it. */
function brokerCommand(engine: Engine, port: number, directory: string): ProgramOptions {
  const args = engine === "redis"
    ? [
      ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, "--save", ""],
      ...["--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no"],
    ]
    : ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", directory, "-l", `${directory}/nats.log`];
  return { program: engine === "redis" ? "redis-server" : "nats-server", args, port };
}

async function startNginx(directory: string, ports: readonly number[]): Promise<Program> {
  const port = freePort();
  const path = `${directory}/nginx.conf`;
  await Deno.writeTextFile(path, nginxConfig(directory, port, ports));
  return await Program.start({
    program: "nginx",
    args: ["-p", directory, "-e", "stderr", "-c", path],
    port,
  });
}

/** A node that refuses is passed over, also by what is sent once only: it has seen nothing of it. */
function nginxConfig(directory: string, port: number, ports: readonly number[]): string {
  const servers = ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(" ");
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join(" ");
  return `daemon off; pid ${directory}/pid; error_log stderr crit; worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off; ${folders}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream nodes { ${servers} }
  server {
    listen 127.0.0.1:${port} backlog=2048;
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_next_upstream error timeout http_503;
      proxy_read_timeout 120s;
    }
  }
}
`;
}

function startCutter(target: number, control: number): Promise<Program> {
  const port = freePort();
  const program = new URL("./cutter.ts", import.meta.url).pathname;
  const args = ["run", "--quiet", "--no-check", "-A", program];
  return Program.start({
    program: Deno.execPath(),
    args: [...args, `${port}`, `${target}`, `${control}`],
    port,
  });
}
