/**
 * What a fetch of the client costs, against the runtime's own: process CPU per request, alternately
 * in one run, against a server in another process.
 *
 * `deno run --allow-all tests/bench/http_client_bench.ts [rounds]`
 *
 * "bare" is `fetch(url)` and nothing else. "guarded" is a `fetch` that has what every fetch of the
 * client has: an end in time, and redirects that are not followed blindly.
 */
import process from "node:process";
import { AsyncHTTPClient } from "../../src/client/async_http_client.ts";

const REQUESTS = 500;
const SERVER = `Deno.serve({ hostname: "127.0.0.1", port: 0,
  onListen: ({ port }) => console.log(port) }, () => new Response("Hello, world"));`;

const rounds = Number(Deno.args[0] ?? 60);
const server = new Deno.Command(Deno.execPath(), { args: ["eval", SERVER], stdout: "piped" })
  .spawn();
const reader = server.stdout.getReader();
const url = `http://127.0.0.1:${Number(new TextDecoder().decode((await reader.read()).value))}/`;
using client = new AsyncHTTPClient();

const contenders: Record<string, () => Promise<unknown>> = {
  bare: async () => new Uint8Array(await (await fetch(url)).arrayBuffer()),
  client: async () => (await client.fetch(url)).body,
  guarded: async () => {
    const init = { redirect: "manual", signal: AbortSignal.timeout(20_000) } as const;
    return new Uint8Array(await (await fetch(url, init)).arrayBuffer());
  },
};

const costs = new Map(Object.keys(contenders).map((name): [string, number[]] => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const before = process.cpuUsage();
    for (let i = 0; i < REQUESTS; i++) await run();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) costs.get(name)?.push((user + system) / REQUESTS);
  }
}
server.kill();
await server.status;
await reader.cancel();

const quantile = (name: string, q: number): number => {
  const sorted = (costs.get(name) ?? []).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * q)] ?? NaN;
};
for (const q of [0, 0.25, 0.5]) {
  const [bare, ours, guarded] = ["bare", "client", "guarded"].map((name) => quantile(name, q));
  const times = [bare, ours, guarded].map((cost) => (cost ?? NaN).toFixed(1)).join(" / ");
  const ratio = (ours ?? NaN) / (bare ?? NaN);
  console.log(
    `quantile ${q}: bare / client / guarded ${times} µs; ` +
      `client = ${ratio.toFixed(2)} × bare = ${
        ((ours ?? NaN) / (guarded ?? NaN)).toFixed(2)
      } × guarded`,
  );
}
