import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVER_SETTINGS } from "../../src/server/settings.ts";
import { ChildServer, freePort } from "../support/child_server.ts";
import { ChildProcess } from "../support/child_process.ts";
import { EventReader } from "../support/event_reader.ts";
import { poll } from "../support/poll.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serviceTest, startNginxSite, startSupervisor } from "../support/services.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

function readExample(name: string): Promise<string> {
  return Deno.readTextFile(`${ROOT}examples/deploy/${name}`);
}

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The site of the example, for sockets in another folder. */
async function startSite(sockets: string): Promise<ChildServer> {
  const site = await readExample("nginx.conf");
  return await startNginxSite(
    site.replaceAll("/run/chat/", `${sockets}/`).replaceAll("/srv/chat/", ROOT),
  );
}

function startNode(socket: string, drainMs = 0): Promise<ChildProcess> {
  return ChildProcess.start("deployed_server.ts", {
    flags: ["--allow-read", "--allow-write"],
    env: { SOCKET: socket, DRAIN_MS: `${drainMs}` },
  });
}

async function stopNode(node: ChildProcess): Promise<number> {
  node.process.kill("SIGTERM");
  return (await node.process.status).code;
}

// ---- nginx

serviceTest("nginx", "deployed site passes requests, sockets and event streams on", async (t) => {
  await using directory = await temporaryDirectory();
  await using node = await startNode(`${directory.path}/1.sock`);
  await using nginx = await startSite(directory.path);
  const origin = `http://127.0.0.1:${nginx.port}`;

  await t.step("the client is who nginx says, and nobody else", async () => {
    using client = Deno.createHttpClient({ localAddress: "127.0.0.2" });
    const headers = {
      "X-Real-Ip": "203.0.113.7",
      "X-Forwarded-For": "203.0.113.7",
      "X-Scheme": "https",
      "X-Forwarded-Proto": "https",
    };
    const response = await fetch(`${origin}/client`, { client, headers });
    const host = `127.0.0.1:${nginx.port}`;
    assertEquals(await response.json(), { remoteIp: "127.0.0.2", protocol: "http", host });
  });

  await t.step("a WebSocket is upgraded", async () => {
    using socket = await RawWebSocket.connect(nginx.port, "/ws");
    assertEquals(socket.response.status, 101);
    await socket.send(1, "through nginx");
    assertEquals((await socket.receive())?.text, "through nginx");
    await socket.close();
  });

  await t.step("an event arrives before the stream ends", async () => {
    const controller = new AbortController();
    const response = await fetch(`${origin}/events`, { signal: controller.signal });
    await using events = new EventReader(response);
    assertEquals((await events.next())?.data, "first");
  });

  await t.step(
    "nginx serves static files by itself, for a year if they have a version",
    async () => {
      const plain = await fetch(`${origin}/static/chat.css`);
      const css = await Deno.readTextFile(`${ROOT}examples/chat/static/chat.css`);
      assertEquals([await plain.text(), plain.headers.get("cache-control")], [css, "max-age=300"]);
      assertEquals(plain.headers.get("x-content-type-options"), "nosniff");
      const versioned = await fetch(`${origin}/static/chat.css?v=1`);
      await versioned.body?.cancel();
      assertEquals(versioned.headers.get("cache-control"), "max-age=31536000");
    },
  );
  assertEquals(await stopNode(node), 0);
});

serviceTest("nginx", "request goes to the other process when one has ended", async () => {
  await using directory = await temporaryDirectory();
  const sockets = [1, 2].map((n) => `${directory.path}/${n}.sock`);
  await using _one = await startNode(String(sockets[0]));
  await using two = await startNode(String(sockets[1]));
  await using nginx = await startSite(directory.path);
  two.process.kill("SIGKILL");
  await two.process.status;
  for (const method of Array(10).fill(["GET", "POST"]).flat()) {
    const response = await fetch(`http://127.0.0.1:${nginx.port}/work`, { method });
    assertEquals([response.status, await response.text()], [200, "done"]);
  }
});

serviceTest("nginx", "rolling restart under load loses no request, POST or not", async () => {
  await using directory = await temporaryDirectory();
  const sockets = [1, 2].map((n) => `${directory.path}/${n}.sock`);
  const nodes = await Promise.all(sockets.map((socket) => startNode(socket, 300)));
  await using nginx = await startSite(directory.path);
  const load = new Load(`http://127.0.0.1:${nginx.port}/work`);
  for (let round = 0; round < 3; round++) {
    for (const [n, socket] of sockets.entries()) {
      const node = nodes[n];
      assert(node !== undefined);
      const answered = load.answered;
      assertEquals(await stopNode(node), 0);
      await node[Symbol.asyncDispose]();
      nodes[n] = await startNode(socket, 300);
      // Both serve again before the next one goes.
      assert(await poll(() => load.answered > answered + 100));
    }
  }
  const failures = await load.stop();
  for (const node of nodes) await node[Symbol.asyncDispose]();
  assertEquals(failures, []);
});

/** Requests without a pause, half of them POSTs. */
class Load {
  answered = 0;
  readonly #url: string;
  readonly #failures: string[] = [];
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
    this.#clients = Array.from({ length: 16 }, (_, n) => this.#run(n % 2 === 0 ? "GET" : "POST"));
  }

  async #run(method: string): Promise<void> {
    while (!this.#stopped) {
      const response = await fetch(this.#url, { method });
      await response.body?.cancel();
      if (response.status === 200) this.answered++;
      else this.#failures.push(`${method} ${response.status}`);
    }
  }

  async stop(): Promise<readonly string[]> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return this.#failures;
  }
}

// ---- all of it by one command

function clusterCommand(env: Record<string, string>): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `${ROOT}examples/deploy/cluster.ts`],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("the cluster says in one line what has to be installed", async () => {
  const { code, stderr } = await clusterCommand({ PATH: "/nowhere" }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals([code, text.trimEnd().split("\n").length], [1, 1]);
  assertMatch(text, /"sudo apt-get install redis-server( nginx-light)?" installs them/);
});

serviceTest(["nginx", "redis-server"], "the cluster says that its port is in use", async () => {
  using listener = Deno.listen({ port: 0 });
  const { code, stderr } = await clusterCommand({ PORT: `${listener.addr.port}` }).output();
  assertEquals(
    [code, new TextDecoder().decode(stderr)],
    [1, `Cannot listen on port ${listener.addr.port}: set PORT to a free one\n`],
  );
});

serviceTest(
  ["nginx", "redis-server"],
  "the cluster starts again what ends, and Ctrl-C ends all",
  async () => {
    const port = freePort();
    await using cluster = clusterCommand({ PORT: `${port}` }).spawn();
    const pids = new Map<string, number>();
    let output = "";
    const reading = (async () => {
      for await (const text of cluster.stdout.pipeThrough(new TextDecoderStream())) {
        output += text;
        for (const [, name = "", pid] of output.matchAll(/^([\w ]+) is process (\d+)$/gm)) {
          pids.set(name, Number(pid));
        }
      }
    })();
    const errors = new Response(cluster.stderr).text();
    const answers = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
      await response?.body?.cancel();
      return response?.status === 200;
    };
    assert(await poll(answers, { timeout: 20_000 }), output);
    assertEquals([...pids.keys()].sort(), ["chat 1", "chat 2", "nginx", "redis"]);
    for (const name of ["redis", "nginx", "chat 1"]) {
      const pid = pids.get(name) ?? 0;
      Deno.kill(pid, "SIGKILL");
      assert(await poll(() => pids.get(name) !== pid, { timeout: 10_000 }), output);
    }
    assert(await poll(answers, { timeout: 20_000 }), output);
    cluster.kill("SIGINT");
    assertEquals((await cluster.status).code, 0);
    await reading;
    assertEquals(await errors, "");
    assertEquals([...pids].filter(([, pid]) => isAlive(pid)), []);
  },
);

function isAlive(pid: number): boolean {
  try {
    return !Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z ");
  } catch {
    return false;
  }
}

// ---- supervisor

/** The programs of the example, for another folder, and for whoever runs the test. */
async function readPrograms(): Promise<(directory: string) => string> {
  const programs = await readExample("supervisor.conf");
  return (directory) => {
    Deno.writeTextFileSync(`${directory}/environment`, 'COOKIE_SECRET="a secret"\n');
    return programs
      .replaceAll("/etc/chat/", `${directory}/`)
      .replaceAll("/run/chat", directory).replaceAll("/srv/chat", ROOT)
      .replaceAll("/var/log/", `${directory}/`)
      .replaceAll("exec deno ", `exec ${Deno.execPath()} `)
      .replace(/^user=.*\n/m, "").replace("startsecs=3", "startsecs=1");
  };
}

async function control(supervisor: ChildServer, ...args: string[]): Promise<string> {
  const configuration = `${supervisor.directory}/supervisord.conf`;
  const command = new Deno.Command("supervisorctl", { args: ["-c", configuration, ...args] });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}

/** Whether the chat answers on a socket. */
async function answers(path: string): Promise<boolean> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  try {
    const response = await fetch("http://localhost/", { client });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

serviceTest(
  "supervisord",
  "supervisor starts the processes, and again what was killed",
  async () => {
    await using supervisor = await startSupervisor(await readPrograms());
    const sockets = [1, 2].map((n) => `${supervisor.directory}/${n}.sock`);
    for (const socket of sockets) {
      assert(await poll(() => answers(socket), { timeout: 15_000 }), supervisor.output);
    }
    const killed = Number(await control(supervisor, "pid", "chat:chat-1"));
    Deno.kill(killed, "SIGKILL");
    const again = async () => {
      const pid = Number(await control(supervisor, "pid", "chat:chat-1"));
      return pid > 0 && pid !== killed && await answers(String(sockets[0]));
    };
    assert(await poll(again, { timeout: 15_000 }), supervisor.output);
    await control(supervisor, "stop", "all");
  },
);

serviceTest("supervisord", "supervisorctl restart lets a process drain", async () => {
  await using supervisor = await startSupervisor(await readPrograms());
  const path = `${supervisor.directory}/1.sock`;
  assert(await poll(() => answers(path), { timeout: 15_000 }), supervisor.output);
  using connection = await Deno.connect({ transport: "unix", path });
  assertMatch(await ask(connection), /^HTTP\/1\.1 200 /);
  const restarted = control(supervisor, "restart", "chat:chat-1");
  assert(await poll(async () => /^connection: close\r$/im.test(await ask(connection))));
  assertMatch(await restarted, /chat-1: started/);
  assert(await poll(() => answers(path), { timeout: 15_000 }));
  await control(supervisor, "stop", "all");
});

async function ask(connection: Deno.Conn): Promise<string> {
  const request = "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(4096);
  return new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
}

// ---- systemd

serviceTest("systemd-analyze", "systemd finds nothing wrong with the unit", async () => {
  await using directory = await temporaryDirectory();
  const unit = `${directory.path}/chat@1.service`;
  const text = (await readExample("chat@.service")).replace("/usr/bin/deno", Deno.execPath());
  await Deno.writeTextFile(unit, text);
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: ["verify", unit],
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([success, said], [true, ""]);
});

Deno.test("supervisor and systemd wait longer than the chat takes to end", async () => {
  const grace = SERVER_SETTINGS.graceMs.default / 1000;
  const unit = /^TimeoutStopSec=(\d+)/m.exec(await readExample("chat@.service"));
  const programs = /^stopwaitsecs=(\d+)/m.exec(await readExample("supervisor.conf"));
  assert(Number(unit?.[1]) > grace);
  assert(Number(programs?.[1]) > grace);
});

// ---- a container, without one

/** The instructions of the container file, continued lines joined. */
async function readInstructions(): Promise<[name: string, rest: string][]> {
  const text = (await readExample("Containerfile")).replaceAll("\\\n", "");
  return text.split("\n").filter((line) => /^[A-Z]/.test(line)).map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1).trim()];
  });
}

Deno.test("container has a pinned runtime, no root, and hears SIGTERM", async () => {
  const instructions = await readInstructions();
  const [first] = instructions;
  assertEquals(first, ["FROM", `docker.io/denoland/deno:${Deno.version.deno}`]);
  const names = instructions.map(([name]) => name);
  assert(names.indexOf("USER") < names.indexOf("CMD"));
  assertEquals(Object.fromEntries(instructions).USER, "deno");
  const command: unknown = JSON.parse(Object.fromEntries(instructions).CMD ?? "");
  assert(Array.isArray(command));
  for (const [, sources] of instructions.filter(([name]) => name === "COPY")) {
    for (const source of sources.split(" ").slice(0, -1)) await Deno.stat(ROOT + source);
  }
});

Deno.test("command of the container serves, its check passes, and SIGTERM ends it with 0", async () => {
  const instructions = Object.fromEntries(await readInstructions());
  const args: string[] = JSON.parse(instructions.CMD ?? "");
  const env = { PORT: "0", NO_COLOR: "1" };
  const process = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env, stdout: "piped" })
    .spawn();
  const [port] = await firstMatch(process.stdout, /localhost:(\d+)/);
  const check = instructions.HEALTHCHECK?.slice(instructions.HEALTHCHECK.indexOf("CMD") + 3) ?? "";
  const [program = "", ...rest]: string[] = JSON.parse(
    check.replace("localhost:8888", `localhost:${port}`),
  );
  assertEquals(program, "deno");
  const checked = await new Deno.Command(Deno.execPath(), { args: rest }).output();
  assertEquals(checked.code, 0, new TextDecoder().decode(checked.stderr));
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
});

/** The groups of the first match in what a process prints. The rest is given up. */
async function firstMatch(stream: ReadableStream<Uint8Array>, pattern: RegExp): Promise<string[]> {
  let text = "";
  for await (const bytes of stream) {
    text += new TextDecoder().decode(bytes);
    const match = pattern.exec(text);
    if (match !== null) return match.slice(1);
  }
  throw new Error(`Cannot find ${pattern} in ${text}`);
}

// ---- deno serve --parallel

Deno.test("deno serve --parallel answers on several isolates, WebSockets too", async () => {
  await using server = await ChildServer.start({
    program: "/usr/bin/env",
    args: ({ port }) => [
      ...["DENO_JOBS=2", "NO_COLOR=1", Deno.execPath(), "serve", "--parallel", `--port=${port}`],
      ...["--no-check", "--quiet", "-A", `--config=${ROOT}deno.json`],
      `${ROOT}tests/fixtures/isolates.ts`,
    ],
  });
  const pages = new Set<string>();
  const sockets = new Set<string>();
  // The kernel chooses who gets a connection.
  const both = async () => {
    using client = Deno.createHttpClient({});
    pages.add(await (await fetch(`http://127.0.0.1:${server.port}/`, { client })).text());
    using socket = await RawWebSocket.connect(server.port, "/ws");
    sockets.add((await socket.receive())?.text ?? "");
    return pages.size === 2 && sockets.size === 2;
  };
  assert(await poll(both));
  assertEquals([...sockets].sort(), [...pages].sort());
});
