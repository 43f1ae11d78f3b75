/**
 * Wears a server out, and tells whether its memory stays flat. Linux only, and it needs `wrk`.
 *
 *     deno run -A tests/bench/soak.ts [--requests=1000000] [--sockets=100000] [--rounds=3]
 *
 * After a warm-up of everything come the requests of ten kinds, mixed, in five parts; then the
 * WebSockets in five parts, 2,000 at a time; then rounds of 20 clients that never read while 32 MiB are
 * published to each. After every part the server collects its garbage and tells its memory. It fails
 * if memory or heap end more than 5 % above what they were after the warm-up, or if a connection is
 * still there that should not be: those of clients that never read stay until TCP gives up.
 */
import { Contender } from "./contender.ts";
import type { SoakState } from "./soak_server.ts";

const PARTS = 5;
const WARM_UP = 0.2;
const TOLERANCE = 0.05;
const WAVE = 2_000;
/** How often memory is looked at until it has settled, every two seconds. */
const SETTLING = 7;
const STALLED = 20;
const MESSAGES = 512;
/** Milliseconds in which the server has to be rid of those who do not read, after the last message. */
const PATIENCE = 5_000;
/** Milliseconds after which a wave has failed. */
const WAVE_LIMIT = 60_000;
const MIB = 1024 * 1024;

/** What was asked for on the command line. */
interface Amounts {
  readonly requests: number;
  readonly sockets: number;
  readonly rounds: number;
}

/** What is known after a part. */
interface Measurement extends SoakState {
  readonly established: number;
}

/** Runs all of it. */
async function soak({ requests, sockets, rounds }: Amounts): Promise<boolean> {
  await using server = await Contender.start({
    program: Deno.execPath(),
    args: [
      ...["run", "--quiet", "--no-check", "-A", "--v8-flags=--expose-gc"],
      new URL("./soak_server.ts", import.meta.url).pathname,
    ],
  });
  const { port } = server;
  await warmUp(port, { requests, sockets });
  const before = await settled(port, "warm-up");
  for (let part = 1; part <= PARTS; part++) {
    const count = await request(port, requests / PARTS);
    await report(port, `${count} requests`);
  }
  for (let part = 1; part <= PARTS; part++) {
    const count = await openSockets(port, sockets / PARTS);
    await report(port, `${count} sockets`);
  }
  // They stay while the others come, and longer than the end.
  using clients = new DisposableStack();
  for (let round = 1; round <= rounds; round++) {
    await stall(port, clients);
    await report(port, `${STALLED} stalled clients`);
  }
  return judge(before, await settled(port, "the end"), rounds * STALLED);
}

/** What takes most comes first: what it leaves to be collected is no part of the measure. */
async function warmUp(port: number, amounts: Omit<Amounts, "rounds">): Promise<void> {
  {
    using clients = new DisposableStack();
    await stall(port, clients);
  }
  await openSockets(port, amounts.sockets * WARM_UP);
  await request(port, amounts.requests * WARM_UP);
}

/**
 * @param stalled How many connections there are whose client never reads: the runtime keeps those until
 *   TCP gives up, a known limit that src/platform/README.md explains.
 */
function judge(before: Measurement, after: Measurement, stalled: number): boolean {
  const growth = (name: "rss" | "heap") => after[name] / before[name] - 1;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const flat = growth("rss") <= TOLERANCE && growth("heap") <= TOLERANCE;
  const known = Math.min(stalled, after.established);
  const left = after.open + after.established - known;
  console.log(
    `RSS ${percent(growth("rss"))}, heap ${percent(growth("heap"))}, ${left} connections left ` +
      `(and ${known} that the runtime keeps for clients that never read, a known limit): ` +
      (flat && left === 0 ? "flat" : "NOT FLAT"),
  );
  return flat && left === 0;
}

async function report(port: number, what: string): Promise<void> {
  print(what, await measure(port));
}

/** The least of a while: the runtime gives memory back when it has nothing to do. */
async function settled(port: number, what: string): Promise<Measurement> {
  let least = await measure(port);
  for (let time = 0; time < SETTLING; time++) {
    await pause(2_000);
    const measured = await measure(port);
    if (measured.rss < least.rss) least = measured;
  }
  print(what, least);
  return least;
}

async function measure(port: number): Promise<Measurement> {
  const state: SoakState = await (await ask(port, "GET", "/state")).json();
  return { ...state, established: establishedSockets(port) };
}

function print(what: string, { rss, heap, open, established }: Measurement): void {
  const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(1).padStart(6)} MiB`;
  console.log(
    `${what.padEnd(24)} RSS ${mebibytes(rss)}, heap ${mebibytes(heap)}, ` +
      `${open} open, ${established} established`,
  );
}

/** Asks, over a connection that does not stay. */
async function ask(port: number, method: string, path: string): Promise<Response> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, client });
  return new Response(await response.text());
}

// ---- requests

/** A form with a file, and what does not need a body, in turn. */
const SCRIPT = `
local paths = { "/", "/json", "/page?title=a%20b", "/visits", "/static/chat.css", "/none",
  "/broken", "/forbidden", "/events" }
local form = "--x\\r\\nContent-Disposition: form-data; name=\\"name\\"\\r\\n\\r\\nsoak\\r\\n" ..
  "--x\\r\\nContent-Disposition: form-data; name=\\"file\\"; filename=\\"a\\"\\r\\n\\r\\n" ..
  string.rep("x", 4096) .. "\\r\\n--x--\\r\\n"
local headers = { ["Content-Type"] = "multipart/form-data; boundary=x" }
local turn = 0
request = function()
  turn = turn + 1
  local path = paths[turn % 10 + 1]
  if path then return wrk.format("GET", path) end
  return wrk.format("POST", "/upload", headers, form)
end
`;

/** Sends at least so many requests, and gives how many it were. */
async function request(port: number, count: number): Promise<number> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  await Deno.writeTextFile(script, SCRIPT);
  try {
    let sent = 0;
    while (sent < count) sent += await drive(port, script);
    return sent;
  } finally {
    await Deno.remove(script);
  }
}

async function drive(port: number, script: string): Promise<number> {
  const { stdout } = await new Deno.Command("wrk", {
    args: ["-t1", "-c32", "-d2s", "-s", script, `http://127.0.0.1:${port}/`],
  }).output();
  const text = new TextDecoder().decode(stdout);
  const sent = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
  if (sent === 0) throw new Error(`Cannot send requests: wrk says\n${text}`);
  return sent;
}

// ---- sockets

/** Opens and closes at least so many, in waves, and gives how many it were. */
async function openSockets(port: number, count: number): Promise<number> {
  let opened = 0;
  for (let wave = 0; opened < count; wave++) {
    // Each wave goes to an address of its own, so that it does not run out of ports.
    await withinLimit(openWave(port, `127.0.1.${1 + wave % 250}:${port}`));
    opened += WAVE;
  }
  return opened;
}

async function openWave(port: number, host: string): Promise<void> {
  const sockets = Array.from(
    { length: WAVE },
    () => new WebSocket(`ws://${host}/socket?topic=all`),
  );
  await Promise.all(sockets.map(async (socket) => {
    await next(socket, "open");
    socket.send("echo");
    await next(socket, "message");
  }));
  const published = Promise.all(sockets.map((socket) => next(socket, "message")));
  await ask(port, "POST", "/publish/all?messages=1");
  await published;
  await Promise.all(sockets.map((socket) => {
    const closed = next(socket, "close");
    socket.close();
    return closed;
  }));
}

function next(socket: WebSocket, type: "open" | "message" | "close"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = new AbortController();
  const { signal } = done;
  socket.addEventListener(type, () => resolve(), { signal });
  socket.addEventListener("error", (event) => {
    reject(new Error(`Cannot wait for "${type}": ${"message" in event ? event.message : "error"}`));
  }, { signal });
  return promise.finally(() => done.abort());
}

async function withinLimit(wave: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`A wave took over ${WAVE_LIMIT} ms`)),
    WAVE_LIMIT,
  );
  await Promise.race([wave, promise]).finally(() => clearTimeout(timer));
}

// ---- clients that never read

/** Opens some, publishes to them, and waits until the server is rid of them while they stay. */
async function stall(port: number, clients: DisposableStack): Promise<void> {
  for (let client = 0; client < STALLED; client++) clients.use(await connectStalled(port));
  await ask(port, "POST", `/publish/stalled?messages=${MESSAGES}`);
  const end = performance.now() + PATIENCE;
  while (establishedSockets(port) > 0 && performance.now() < end) await pause(100);
}

/** The connection is read up to the end of the handshake, and no further. */
async function connectStalled(port: number): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET /socket?topic=stalled HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const head = new Uint8Array(1_024);
  const read = await connection.read(head);
  const status = new TextDecoder().decode(head.subarray(0, read ?? 0)).split("\r\n", 1)[0];
  if (!status?.includes(" 101 ")) throw new Error(`Cannot connect: ${status}`);
  return connection;
}

/** The connections of the server that are established, as the kernel lists them. */
function establishedSockets(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return Deno.readTextFileSync("/proc/net/tcp").split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === "01").length;
}

// ---- the command line

function amountsOf(args: readonly string[]): Amounts {
  const options = new Map(args.map((arg) => {
    const [, name = arg, value = ""] = /^--(requests|sockets|rounds)=(\d+)$/.exec(arg) ?? [];
    return [name, value];
  }));
  const unknown = [...options].filter(([, value]) => value === "").map(([name]) => name);
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(", ")}. There are --requests=, --sockets=, --rounds=`);
    Deno.exit(2);
  }
  const amount = (name: string, standard: number) => Number(options.get(name) ?? standard);
  return {
    requests: amount("requests", 1_000_000),
    sockets: amount("sockets", 100_000),
    rounds: amount("rounds", 3),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) Deno.exit(await soak(amountsOf(Deno.args)) ? 0 : 1);
