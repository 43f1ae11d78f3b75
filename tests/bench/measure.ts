/** Runs rows, the contenders of each in turn. */
import { Contender } from "./contender.ts";
import { type Entrant, ENTRANTS } from "./contenders.ts";
import { IdleSockets } from "./idle_sockets.ts";
import { fetchRound, type HttpLoad, httpRound, type Round, socketRound } from "./load.ts";
import type { Row } from "./rows.ts";

/** How long, and how often. */
export interface Effort {
  readonly rounds: number;
  /** Seconds of load per contender and round. */
  readonly seconds: number;
  /** Sockets of the row of idle ones. */
  readonly idle: number;
}

/** The rounds of every contender of a row, by name. */
export type Results = ReadonlyMap<string, readonly Round[]>;

/** Who can do a row on this machine. */
export function entrantsOf(row: Row): Entrant[] {
  return ENTRANTS
    .filter(({ missing, engine }) => missing === null && engine === row.engine)
    .filter(({ rows }) => rows.has(row.special ?? row.server));
}

/**
 * Measures one row.
 *
 * @param entrants Who takes part.
 * @param root The folder of what the run makes for itself.
 */
export async function measureRow(
  row: Row,
  entrants: readonly Entrant[],
  { root, effort }: { readonly root: string; readonly effort: Effort },
): Promise<Results> {
  if (row.special !== undefined) {
    return await measureSpecial(row, row.special, entrants, { root, effort });
  }

  await using started = new AsyncDisposableStack();
  const running: { name: string; contender: Contender; http: HttpLoad | undefined }[] = [];
  for (const { name, command } of entrants) {
    const contender = started.use(await Contender.start(command(row.server, root)));
    const load = row.http && await logIn(row, row.http, contender);
    const http = load && await prepare(row, load, contender);
    if (http === undefined && row.http !== undefined) continue;
    running.push({ name, contender, http });
  }
  const upstream = row.fetches === true ? await startUpstream(started, entrants, root) : undefined;
  const results = new Map<string, Round[]>(running.map(({ name }) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= effort.rounds; round++) {
    for (const { name, contender, http } of rotate(running, round)) {
      const seconds = round === 0 ? Math.min(effort.seconds, 1) : effort.seconds;
      const result = upstream !== undefined
        ? await fetchRound(contender, upstream, seconds)
        : row.socket === undefined
        ? await httpRound(contender, http ?? { path: "/" }, seconds)
        : await socketRound(contender, row.socket, seconds);
      if (round > 0) results.get(name)?.push(result);
    }
  }
  return results;
}

/** What is fetched from. */
async function startUpstream(
  started: AsyncDisposableStack,
  entrants: readonly Entrant[],
  root: string,
): Promise<Contender> {
  const bare = entrants.find(({ name }) => name === "bare");
  if (bare === undefined) throw new Error("Cannot measure a client without the bare runtime");
  return started.use(await Contender.start(bare.command("fixed", root)));
}

/** Nobody is always first, or always after the same one. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The load of a contender with the cookie that it gives those who log in. */
async function logIn(row: Row, load: HttpLoad, { port }: Contender): Promise<HttpLoad> {
  if (row.login === undefined) return load;
  const response = await fetch(`http://127.0.0.1:${port}${row.login}`);
  await response.body?.cancel();
  const [cookie] = response.headers.getSetCookie();
  if (cookie === undefined) throw new Error(`Cannot measure "${row.name}": no cookie was set`);
  return { ...load, headers: { ...load.headers, Cookie: cookie.split(";")[0] ?? "" } };
}

/** The load of a contender; nothing if it cannot do the row. */
async function prepare(
  row: Row,
  load: HttpLoad,
  contender: Contender,
): Promise<HttpLoad | undefined> {
  const { path, method = "GET", headers = {}, body } = load;
  const response = await fetch(`http://127.0.0.1:${contender.port}${path}`, {
    method,
    headers,
    body: body ?? null,
  });
  const content = await response.text();
  if (response.status !== 200) {
    throw new Error(
      `Cannot measure "${row.name}": got ${response.status} ${content.slice(0, 200)}`,
    );
  }
  if (row.conditional !== true) return load;
  const etag = response.headers.get("etag");
  if (etag === null) return undefined;
  return { ...load, headers: { ...headers, "If-None-Match": etag } };
}

async function measureSpecial(
  row: Row,
  kind: "idle" | "start",
  entrants: readonly Entrant[],
  { root, effort }: { readonly root: string; readonly effort: Effort },
): Promise<Results> {
  const results = new Map<string, Round[]>(entrants.map(({ name }) => [name, []]));
  const rounds = kind === "idle" ? Math.min(effort.rounds, 3) : effort.rounds;
  // The first start fills the runtime's caches.
  for (let round = kind === "start" ? -1 : 0; round < rounds; round++) {
    for (const entrant of rotate(entrants, round)) {
      const value = kind === "idle"
        ? await idleMemory(entrant, row, { root, sockets: effort.idle })
        : await startTime(entrant, row, root);
      if (round >= 0) results.get(entrant.name)?.push(value);
    }
  }
  return results;
}

const NO_LOAD: Round = { rate: 0, cpu: 0, memory: 0, p50: 0, p99: 0, starved: false };

/**
 * Bytes per socket, of many that do nothing. The runtime's heap grows by leaps at first, further ones
 * for who allocates more: so a part of the sockets is there before, and counts for nothing.
 */
async function idleMemory(
  entrant: Entrant,
  row: Row,
  { root, sockets }: { readonly root: string; readonly sockets: number },
): Promise<Round> {
  await using contender = await Contender.start(entrant.command(row.server, root));
  await socketRound(
    contender,
    { path: "/", mode: "echo", connections: 50, size: 32, depth: 1 },
    0.3,
  );
  await using _first = await IdleSockets.open(contender.port, sockets / 5);
  const before = contender.memory();
  await using _others = await IdleSockets.open(contender.port, sockets);
  return { ...NO_LOAD, memory: (contender.memory() - before) / sockets };
}

/** Milliseconds from the start of the process to its first response. */
async function startTime(entrant: Entrant, row: Row, root: string): Promise<Round> {
  const command = entrant.start?.(root) ?? entrant.command(row.server, root);
  const start = performance.now();
  await using contender = await Contender.start(command);
  await firstResponse(contender.port);
  return { ...NO_LOAD, p50: performance.now() - start };
}

/** Asks until somebody answers: some tell their port before they listen. */
async function firstResponse(port: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (true) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      await response.text();
      return;
    } catch (cause) {
      if (performance.now() > deadline) {
        throw new Error(`Nobody answers on port ${port}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
