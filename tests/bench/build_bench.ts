/**
 * How long `./build` takes for the chat, beside esbuild alone on the same modules, which shakes nothing
 * and looks for no templates: `deno run -A tests/bench/build_bench.ts [rounds]`. The programs take turns;
 * ratios are taken within a round, and the median of them counts. CPU is that of all processes.
 */
import { join } from "node:path";
import { ratios, spread } from "./statistics.ts";

const HERE = new URL(".", import.meta.url).pathname;
const ROOT = join(HERE, "../..");
const ROUNDS = Number(Deno.args[0] ?? 7);

/** What is changed before a build; it is warm in any case. */
const CHANGES: Readonly<Record<string, { readonly file: string; readonly text: string } | null>> = {
  "nothing": null,
  "a template": { file: "templates/index.html", text: "<!-- changed -->\n" },
  "a module": { file: "chat_application.ts", text: "// changed\n" },
};

/** Seconds. */
interface Cost {
  readonly time: number;
  readonly cpu: number;
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-bench-" });
  try {
    await copy(join(ROOT, "examples/chat"), `${folder}/chat`);
    report(await rounds(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The costs of each program in each round, but for the first, which fills caches. */
async function rounds(folder: string): Promise<ReadonlyMap<string, Cost[]>> {
  const esbuild = [`${HERE}builds/esbuild_alone.ts`, `${folder}/chat/app.ts`, `${folder}/alone.js`];
  const ours = [
    `${ROOT}/src/build/mod.ts`,
    `${folder}/chat/app.ts`,
    `--config=${ROOT}/deno.json`,
    "--target=workers",
    `--out=${folder}/dist`,
  ];
  const costs = new Map(
    ["esbuild", ...Object.keys(CHANGES)].map((name): [string, Cost[]] => [name, []]),
  );
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, list] of costs) {
      const change = CHANGES[name] ?? null;
      if (change !== null) {
        await Deno.writeTextFile(`${folder}/chat/${change.file}`, change.text, { append: true });
      }
      const cost = await costOf(name === "esbuild" ? esbuild : ours, folder);
      if (round >= 0) list.push(cost);
    }
  }
  return costs;
}

/** Runs a program; a shell counts the CPU of it and of all that it has started. */
async function costOf(program: readonly string[], folder: string): Promise<Cost> {
  const line = ["run", "-A", "--no-check", "--quiet", `--config=${ROOT}/deno.json`, ...program];
  const command = new Deno.Command("sh", {
    args: ["-c", '"$@" > "$OUT" 2>&1 || exit 1; times', "sh", Deno.execPath(), ...line],
    env: { OUT: `${folder}/said.txt`, XDG_CACHE_HOME: `${folder}/cache` },
  });
  const start = performance.now();
  const { success, stdout } = await command.output();
  const time = (performance.now() - start) / 1000;
  if (!success) throw new Error(await Deno.readTextFile(`${folder}/said.txt`));
  // The second line is about the children: `0m0.52s 0m0.21s`.
  const [, children = ""] = new TextDecoder().decode(stdout).split("\n");
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  const cpu = parts.reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { time, cpu };
}

function report(costs: ReadonlyMap<string, readonly Cost[]>): void {
  const alone = costs.get("esbuild") ?? [];
  const rows = [...costs].map(([name, list]) => {
    const of = (part: keyof Cost) => list.map((cost) => cost[part]);
    const against = (part: keyof Cost) =>
      ratios(of(part), alone.map((cost) => cost[part])).median.toFixed(2);
    const row = {
      "s": spread(of("time")).median.toFixed(2),
      "least": spread(of("time")).min.toFixed(2),
      "CPU s": spread(of("cpu")).median.toFixed(2),
      "× esbuild": against("time"),
      "CPU × esbuild": against("cpu"),
    };
    return [name === "esbuild" ? "esbuild alone" : `changed: ${name}`, row] as const;
  });
  console.table(Object.fromEntries(rows));
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

await main();
