/**
 * Cuts, kills and restarts, and counts what came: `deno task chaos [redis] [nats] [socket.io] [--short]`.
 *
 * Fails if anything was lost without a word, came twice or in another order, if less than 99 of 100
 * returning clients had everything again within 2 s, if a request was lost in the rolling restart, or if
 * a client or the messages took more than 5 s to come back.
 * socket.io is there to compare with: it is reported, and judged by nobody. Linux only.
 */
import type { Contest } from "./run.ts";
import { type Outcome, run } from "./run.ts";
import { FULL, type Plan, SHORT } from "./plan.ts";

const NODE = new URL("./node.ts", import.meta.url).pathname;
const SOCKET_IO_NODE = new URL("../bench/peers/node/socket_io.mjs", import.meta.url).pathname;
/** Times its memory before that a node may have. */
const MEMORY_GROWTH = 3;

const CONTESTS: Readonly<Record<string, () => Promise<Contest>>> = {
  redis: () => ours("redis"),
  nats: () => ours("nats"),
  "socket.io": theirs,
};

async function ours(engine: "redis" | "nats"): Promise<Contest> {
  const { invite } = await import("./gustnado_visitor.ts");
  const node = (port: number, url: string) => ({
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-check", "-A", NODE, `${port}`, url],
  });
  return { engine, node, invite };
}

async function theirs(): Promise<Contest> {
  const { invite } = await import("./socket_io_visitor.ts");
  const node = (port: number, url: string) => ({
    program: "node",
    args: [SOCKET_IO_NODE, `${port}`, url],
  });
  return { engine: "redis", node, invite };
}

const short = Deno.args.includes("--short");
const chosen = Deno.args.filter((arg) => !arg.startsWith("--"));
let failed = false;
for (const name of chosen.length === 0 ? ["redis", "nats"] : chosen) {
  const contest = CONTESTS[name];
  if (contest === undefined) throw new Error(`Unknown engine ${JSON.stringify(name)}`);
  const plan = short ? SHORT : FULL;
  const outcome = await run(plan, await contest());
  const misses = name === "socket.io" ? [] : missesOf(outcome, plan);
  console.log(lineOf(name, plan.sockets, outcome) + (misses.length === 0 ? "" : ` – MISSED`));
  for (const miss of misses) console.log(`  ${miss}`);
  failed ||= misses.length > 0;
}
Deno.exit(failed ? 1 : 0);

function lineOf(name: string, sockets: number, outcome: Outcome): string {
  const { published, expected, lost, reported, doubled, disordered } = outcome;
  const [before, most] = outcome.memory;
  return [
    `${name}: ${sockets} sockets, ${published} published, ${expected} deliveries`,
    `lost ${lost}, loss told ${reported}, doubled ${doubled}, out of order ${disordered}`,
    `${outcome.returns} returns, ${(outcome.inTime * 100).toFixed(2)} % whole within 2 s (p99 ${
      Math.round(outcome.p99)
    } ms)`,
    `back ${seconds(outcome.restartAway)} s after a restart at most, messages ${
      seconds(outcome.brokerReturn)
    } s after the broker`,
    `HTTP lost ${outcome.httpLost} of ${outcome.httpAsked}`,
    `memory ${Math.round(before)} to ${Math.round(most)} MiB`,
  ].join("; ");
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function missesOf(outcome: Outcome, { backLimit, inTime }: Plan): string[] {
  const { lost, doubled, disordered, httpLost, exitCodes } = outcome;
  const [before, most] = outcome.memory;
  return [
    ...(outcome.published === 0 ? ["nothing was published"] : []),
    ...(lost > 0 ? [`lost without a word: ${lost}`] : []),
    ...(doubled > 0 ? [`doubled: ${doubled}`] : []),
    ...(disordered > 0 ? [`out of order: ${disordered}`] : []),
    ...(outcome.inTime < inTime
      ? [`whole within 2 s: ${(outcome.inTime * 100).toFixed(2)} %`]
      : []),
    ...(httpLost > 0 ? [`requests lost in the rolling restart: ${httpLost}`] : []),
    ...(most > before * MEMORY_GROWTH ? [`memory: ${Math.round(most)} MiB`] : []),
    ...(outcome.restartAway > backLimit ? [`back after ${seconds(outcome.restartAway)} s`] : []),
    ...(outcome.brokerReturn > backLimit
      ? [`messages after ${seconds(outcome.brokerReturn)} s`]
      : []),
    ...(exitCodes.some((code) => code !== 0) ? [`exit codes: ${exitCodes.join(", ")}`] : []),
  ];
}
