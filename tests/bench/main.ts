/**
 * The benchmark: ours, the bare engine and the peers, alternately, each as its own process.
 *
 *     deno task bench [row… | engine…] [--check] [--short] [--rounds=N] [--json=FILE] [--svg=FILE]
 *
 * An engine stands for all its rows. `--check` fails if a budget is missed by more than the noise that
 * was measured. `--short` measures only what has a budget, for a few seconds, and fails on gross
 * regressions: one and a half times what is reached.
 */
import { writeFiles } from "./content.ts";
import { BUDGETS } from "./budgets.ts";
import { type Entrant, ENTRANTS } from "./contenders.ts";
import { engineTable } from "./engine_table.ts";
import { type Effort, entrantsOf, measureRow, type Results } from "./measure.ts";
import { chart, chartRow, tableOf, verdictLine } from "./report.ts";
import { ENGINES, type Row, ROWS } from "./rows.ts";
import { type Verdict, verdicts } from "./verdict.ts";

const FULL: Effort = { rounds: 9, seconds: 1, idle: 10_000 };
const SHORT: Effort = { rounds: 3, seconds: 0.7, idle: 10_000 };
/** Of the other engines, which CI has not much time for. */
const BRIEF: Effort = { rounds: 2, seconds: 0.5, idle: 10_000 };

/** How often a short run measures what it finds too slow: something else may have run beside it. */
const TRIES = 3;

const options = new Set(Deno.args.filter((argument) => argument.startsWith("--")));
const short = options.has("--short");
const rows = chosenRows(Deno.args.filter((argument) => !argument.startsWith("--")));

for (const { name, engine, missing } of ENTRANTS) {
  if (missing !== null) {
    console.log(`${name} takes no part in the rows of ${ENGINES[engine]}: it ${missing}`);
  }
}

const root = await writeFiles();
const measured: { row: Row; results: Results }[] = [];
const judged: Verdict[] = [];
try {
  for (const row of rows) {
    const entrants = entrantsOf(row).filter((entrant) => !short || isJudged(entrant, row));
    if (!canBeCompared(entrants)) continue;
    const { results, found } = await measure(row, entrants);
    measured.push({ row, results });
    judged.push(...found);
    console.log(`\n${tableOf(row, results)}`);
  }
} finally {
  await Deno.remove(root, { recursive: true });
}

console.log(`\n${engineTable(measured)}`);
console.log(`\n${judged.map(verdictLine).join("\n")}`);
await write("--json=", () => JSON.stringify(measured.map(toJson), null, 2) + "\n");
await write(
  "--svg=",
  () => chart(measured.filter(inChart).map(({ row, results }) => chartRow(row, results))),
);
if (options.has("--check") && judged.some(({ met }) => !met)) Deno.exit(1);

/** Measures a row. */
async function measure(row: Row, entrants: readonly Entrant[]): Promise<Measured> {
  const options = { root, effort: effortFor(row) };
  for (let tries = short ? TRIES : 1;; tries--) {
    const results = await measureRow(row, entrants, options);
    const found = verdicts(row, results, short);
    if (tries === 1 || found.every(({ met }) => met)) return { results, found };
  }
}

interface Measured {
  readonly results: Results;
  readonly found: readonly Verdict[];
}

function chosenRows(names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => !ROWS.some((row) => isCalled(row, name)));
  if (unknown.length > 0) {
    console.error(
      `No such row: ${unknown.join(", ")}. There are: ${ROWS.map(({ name }) => name).join(", ")}`,
    );
    Deno.exit(2);
  }
  if (names.length > 0) return ROWS.filter((row) => names.some((name) => isCalled(row, name)));
  return short ? ROWS.filter(isInShort) : ROWS;
}

/** CI has a few minutes: one row of each other engine tells whether it has become much slower. */
function isInShort({ name, engine }: Row): boolean {
  const hasBudget = BUDGETS.some(({ row }) => row === name);
  return hasBudget && (engine === "deno" || name === "workerd/start" || name.endsWith("/echo32"));
}

function isCalled({ name, engine }: Row, called: string): boolean {
  return called === name || called === engine;
}

function effortFor({ engine, special }: Row): Effort {
  const brief = engine === "deno" ? SHORT : BRIEF;
  // An idle process has to rest before it is looked at.
  const effort = !short ? FULL : special === "idle" ? { ...brief, rounds: 1 } : brief;
  const rounds = valueOf("--rounds=");
  return rounds === undefined ? effort : { ...effort, rounds: Number(rounds) };
}

function valueOf(option: string): string | undefined {
  return [...options].find((given) => given.startsWith(option))?.slice(option.length);
}

/** What a row needs may be missing on this machine, or all that a budget names. */
function canBeCompared(entrants: readonly Entrant[]): boolean {
  return entrants.length > 1 && entrants.some(({ name }) => name === "gustnado");
}

/** Whether a short run needs it: ours, whom a budget names, and on Deno the noise. */
function isJudged({ name, engine }: Entrant, row: Row): boolean {
  if (name === "gustnado") return true;
  if (engine === "deno" && name.startsWith("bare")) return true;
  return BUDGETS.some((budget) =>
    budget.row === row.name && (budget.of === name || budget.against === name)
  );
}

function inChart({ row }: { row: Row }): boolean {
  return row.engine === "deno" && row.special === undefined && row.fetches !== true;
}

function toJson({ row, results }: { row: Row; results: Results }): unknown {
  return { row: row.name, title: row.title, results: Object.fromEntries(results) };
}

async function write(option: string, content: () => string): Promise<void> {
  const file = valueOf(option);
  if (file !== undefined) await Deno.writeTextFile(file, content());
}
