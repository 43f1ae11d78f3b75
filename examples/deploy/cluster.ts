/**
 * The chat as two processes behind nginx, with Redis between them, to be tried on one machine:
 * `deno task start:cluster`, then http://localhost:8888. `PORT` chooses another port.
 *
 * Whichever of them ends is started again: end one by `kill -9` while two browsers chat. Ctrl-C ends
 * all. `docs/deployment.md` says how it is done for good.
 */
import { KeptProcess } from "./kept_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** Where they are, besides `PATH`. */
const FOLDERS = ["/usr/local/sbin", "/usr/sbin"];
/** Milliseconds until both processes have to listen. */
const START_TIME = 30_000;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const programs = findPrograms();
  const port = readPort();
  const directory = await Deno.makeTempDir({ prefix: "chat-" });
  const ending = untilSignal();
  const processes: KeptProcess[] = [];
  try {
    processes.push(...startChats(directory, programs));
    await Promise.race([untilBothListen(directory), ending]);
    processes.push(await startNginx(directory, { program: programs.nginx, port }));
    console.log(`The chat is on http://localhost:${port}`);
    await ending;
  } finally {
    for (const process of processes) await process.stop();
    await Deno.remove(directory, { recursive: true });
  }
}

/** Paths of what has to be installed. */
interface Programs {
  readonly redis: string;
  readonly nginx: string;
}

/** Two processes of the chat, and Redis, which ends after them. */
function startChats(directory: string, { redis }: Programs): KeptProcess[] {
  const port = freePort();
  const env = {
    BROKER: `redis://127.0.0.1:${port}`,
    COOKIE_SECRET: crypto.randomUUID() + crypto.randomUUID(),
    XHEADERS: "1",
    NO_COLOR: "1",
  };
  const chats = [1, 2].map((number) => {
    const socket = `${directory}/${number}.sock`;
    return new KeptProcess({
      name: `chat ${number}`,
      program: Deno.execPath(),
      args: chatArguments(directory),
      env: { ...env, SOCKET: socket },
      leaves: socket,
    });
  });
  return [
    ...chats,
    new KeptProcess({ name: "redis", program: redis, args: redisArguments(directory, port) }),
  ];
}

function redisArguments(directory: string, port: number): string[] {
  return [
    ...["--bind", "127.0.0.1", "--port", `${port}`],
    // What was said outlives its end.
    ...["--dir", directory, "--appendonly", "yes", "--logfile", "redis.log"],
  ];
}

function chatArguments(directory: string): string[] {
  return [
    ...["run", "--quiet", `--config=${ROOT}deno.json`],
    ...["--allow-net", "--allow-read", "--allow-env", `--allow-write=${directory}`],
    `${ROOT}examples/chat/main.ts`,
  ];
}

async function startNginx(
  directory: string,
  { program, port }: { readonly program: string; readonly port: number },
): Promise<KeptProcess> {
  const path = `${directory}/nginx.conf`;
  const site = await Deno.readTextFile(`${ROOT}examples/deploy/nginx.conf`);
  await Deno.writeTextFile(path, nginxConf(site, { directory, port }));
  return new KeptProcess({
    name: "nginx",
    program,
    args: ["-p", directory, "-e", "stderr", "-c", path],
  });
}

/** The site, for a folder and a port of its own, and without root. */
function nginxConf(
  site: string,
  { directory, port }: { readonly directory: string; readonly port: number },
): string {
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`);
  const ownSite = site
    .replaceAll("/run/chat/", `${directory}/`)
    .replaceAll("/srv/chat/", ROOT)
    .replace("listen 80;", `listen ${port};`);
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
# That a process is away is no news here.
error_log stderr alert;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${places.join("\n  ")}
  ${ownSite}
}`;
}

async function untilBothListen(directory: string): Promise<void> {
  const deadline = Date.now() + START_TIME;
  while (![1, 2].every((number) => exists(`${directory}/${number}.sock`))) {
    if (Date.now() > deadline) {
      throw new Error("Cannot start the cluster: the chat does not listen");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function findPrograms(): Programs {
  const redis = find("redis-server");
  const nginx = find("nginx");
  if (redis !== null && nginx !== null) return { redis, nginx };
  const packages = [redis === null ? "redis-server" : "", nginx === null ? "nginx-light" : ""];
  const command = `sudo apt-get install ${packages.filter(Boolean).join(" ")}`;
  return fail(
    `Cannot start the cluster without redis-server and nginx: "${command}" installs them`,
  );
}

function find(program: string): string | null {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...FOLDERS];
  return folders.map((folder) => `${folder}/${program}`).find(exists) ?? null;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function readPort(): number {
  const port = Number(Deno.env.get("PORT") ?? 8888);
  try {
    Deno.listen({ port }).close();
    return port;
  } catch {
    return fail(`Cannot listen on port ${port}: set PORT to a free one`);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => resolve());
    }
  });
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}
