/**
 * Many subscribers of one topic with history: does everything arrive, and when. Linux only.
 *
 *     deno run -A tests/bench/subscribers.ts [scenario…] [--seconds=20] [--rate=N]
 *
 * The program that receives runs beside the server, so both need a processor for themselves. It fails if
 * something is lost, doubled or out of order, or 99 of 100 arrivals take longer than half a second.
 */
import { ChildServer } from "../support/child_server.ts";
import { requireProgram, startRedis } from "../support/services.ts";
import { Contender } from "./contender.ts";
import { type TopicLoad, TopicLoads, type TopicReport } from "./topic_load.ts";

interface Scenario {
  readonly name: string;
  readonly broker?: "redis" | "nats";
  /** Processes. */
  readonly nodes: number;
  /** Subscribers of each of them. */
  readonly sockets: number;
  /** Messages that are published in a second, to all nodes together. */
  readonly rate: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: "10000", nodes: 1, sockets: 10_000, rate: 5 },
  { name: "2000", nodes: 1, sockets: 2_000, rate: 20 },
  { name: "redis", broker: "redis", nodes: 2, sockets: 1_000, rate: 10 },
  { name: "nats", broker: "nats", nodes: 2, sockets: 1_000, rate: 10 },
];

const TOPIC = "room";
/** Milliseconds in which 99 of 100 arrive. */
const LATEST = 500;

const flags = Deno.args.filter((argument) => argument.startsWith("--"));
const names = Deno.args.filter((argument) => !argument.startsWith("--"));
const seconds = numberOf("seconds") ?? 20;

const passed: boolean[] = [];
for (const scenario of SCENARIOS) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  passed.push(await run({ ...scenario, rate: numberOf("rate") ?? scenario.rate }));
}
if (passed.length === 0 || passed.includes(false)) Deno.exit(1);

function numberOf(flag: string): number | undefined {
  const begin = `--${flag}=`;
  const found = flags.find((each) => each.startsWith(begin));
  return found === undefined ? undefined : Number(found.slice(begin.length));
}

async function run(scenario: Scenario): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const broker = await startBroker(scenario.broker, stack);
  const nodes: Contender[] = [];
  for (let node = 0; node < scenario.nodes; node++) {
    nodes.push(stack.use(await Contender.start(nodeCommand(broker))));
  }
  const receivers = stack.use(await TopicLoads.connect(loads(scenario, nodes)));
  const before = nodes.map((node) => node.cpu());
  const reports = await receivers.publish();
  const cpu = nodes.reduce((sum, node, index) => sum + node.cpu() - (before[index] ?? 0), 0);
  for (const report of reports) console.log(lineOf(scenario, report));
  const delivered = reports.reduce((sum, each) => sum + each.delivered, 0);
  const memory = Math.max(...nodes.map((node) => node.memory())) / 1024 / 1024;
  const each = (cpu / 1000 / delivered).toFixed(1);
  console.log(`  server ${each} µs of CPU a delivery, ${memory.toFixed(0)} MiB`);
  return reports.every(isWell);
}

/**
 * Each load counts what it has published itself. Of two nodes each has two halves of its subscribers: for
 * one half the messages come in here, for the other at the other node.
 */
function loads({ sockets, rate }: Scenario, nodes: readonly Contender[]): TopicLoad[] {
  return nodes.flatMap(({ port }) =>
    nodes.map(({ port: publishTo }) => ({
      topic: TOPIC,
      port,
      publishTo,
      sockets: sockets / nodes.length,
      rate: rate / nodes.length ** 2,
      seconds,
    }))
  );
}

function isWell({ expected, delivered, doubles, outOfOrder, p99 }: TopicReport): boolean {
  return delivered === expected && doubles + outOfOrder === 0 && p99 !== null && p99 < LATEST;
}

function lineOf({ name, sockets, nodes }: Scenario, report: TopicReport): string {
  const { published, expected, delivered, doubles, outOfOrder, p50, p99, max } = report;
  return `${name}: ${sockets / nodes} subscribers, ${published} published, ` +
    `${delivered} of ${expected} arrived, ${expected - delivered} lost, ${doubles} doubled, ` +
    `${outOfOrder} out of order; p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}

function nodeCommand(broker: string) {
  const program = new URL("servers/topics.ts", import.meta.url).pathname;
  return {
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-check", "--allow-all", program, broker],
  };
}

async function startBroker(
  broker: Scenario["broker"],
  stack: AsyncDisposableStack,
): Promise<string> {
  if (broker === undefined) return "";
  if (broker === "redis") return `redis://127.0.0.1:${stack.use(await startRedis()).port}`;
  const nats = await ChildServer.start({
    program: requireProgram("nats-server"),
    args: ({ port, directory }) => ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", directory],
  });
  return `nats://127.0.0.1:${stack.use(nats).port}`;
}
