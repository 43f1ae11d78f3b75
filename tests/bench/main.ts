/**
 * The benchmark: ours, the bare runtime and the peers, alternately, each as its own process.
 *
 *     deno task bench [row…] [--check] [--short] [--json=FILE] [--svg=FILE]
 *
 * `--check` fails if a budget is missed by more than the noise that was measured. `--short` measures
 * only what has a budget, for a few seconds, and fails on gross regressions: one and a half times what
 * is reached.
 */
import { writeFiles } from "./content.ts";
import { BUDGETS } from "./budgets.ts";
import { type Entrant, ENTRANTS } from "./contenders.ts";
import { type Effort, measureRow, type Results } from "./measure.ts";
import { chart, chartRow, tableOf, verdictLine } from "./report.ts";
import { type Row, ROWS } from "./rows.ts";
import { type Verdict, verdicts } from "./verdict.ts";

const FULL: Effort = { rounds: 9, seconds: 1, idle: 10_000, entrants: ENTRANTS };
const SHORT: Effort = { rounds: 3, seconds: 1, idle: 10_000, entrants: ENTRANTS.filter(hasBudget) };

const options = new Set(Deno.args.filter((argument) => argument.startsWith("--")));
const short = options.has("--short");
const rows = chosenRows(Deno.args.filter((argument) => !argument.startsWith("--")));

for (const { name, missing } of ENTRANTS) {
  if (missing !== null) console.log(`${name} takes no part: it ${missing}`);
}

const root = await writeFiles();
const measured: { row: Row; results: Results }[] = [];
const judged: Verdict[] = [];
try {
  for (const row of rows) {
    const results = await measureRow(row, root, short ? SHORT : FULL);
    measured.push({ row, results });
    judged.push(...verdicts(row, results, short));
    console.log(`\n${tableOf(row, results)}`);
  }
} finally {
  await Deno.remove(root, { recursive: true });
}

console.log(`\n${judged.map(verdictLine).join("\n")}`);
await write("--json=", () => JSON.stringify(measured.map(toJson), null, 2) + "\n");
await write(
  "--svg=",
  () => chart(measured.filter(inChart).map(({ row, results }) => chartRow(row, results))),
);
if (options.has("--check") && judged.some(({ met }) => !met)) Deno.exit(1);

function chosenRows(names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `No such row: ${unknown.join(", ")}. There are: ${ROWS.map(({ name }) => name).join(", ")}`,
    );
    Deno.exit(2);
  }
  if (names.length > 0) return ROWS.filter(({ name }) => names.includes(name));
  return short ? ROWS.filter(({ name }) => BUDGETS.some(({ row }) => row === name)) : ROWS;
}

function hasBudget({ name }: Entrant): boolean {
  return name === "gustnado" || name === "bare again" ||
    BUDGETS.some(({ of, against }) => of === name || against === name);
}

function inChart({ row }: { row: Row }): boolean {
  return row.special === undefined && row.fetches !== true;
}

function toJson({ row, results }: { row: Row; results: Results }): unknown {
  return { row: row.name, title: row.title, results: Object.fromEntries(results) };
}

async function write(option: string, content: () => string): Promise<void> {
  const file = [...options].find((given) => given.startsWith(option))?.slice(option.length);
  if (file !== undefined) await Deno.writeTextFile(file, content());
}
