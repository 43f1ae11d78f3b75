/** Ours beside the bare engine, on every engine: the table of `docs/engines.md`. */
import type { Results } from "./measure.ts";
import { ENGINES, type Row } from "./rows.ts";
import { ratios, spread } from "./statistics.ts";
import { valueOf } from "./verdict.ts";

/** The columns: what each shows, of which row, and what its unit is divided by. */
const COLUMNS: readonly (readonly [title: string, row: string, unit: number])[] = [
  ["request, µs", "fixed", 1e3],
  ["JSON, µs", "json", 1e3],
  ["echo of 32 B, µs", "echo32", 1e3],
  ["echo of 16 KiB, µs", "echo16k", 1e3],
  ["delivery, µs", "room1000", 1e3],
  ["idle socket, KiB", "idle", 1024],
  ["start, ms", "start", 1],
];

/** Markdown, with a line for each engine of which there is something. */
export function engineTable(
  measured: readonly { readonly row: Row; readonly results: Results }[],
): string {
  const lines = Object.entries(ENGINES).flatMap(([engine, title]) => {
    const rows = measured.filter(({ row }) => row.engine === engine);
    const cells = COLUMNS.map(([, name, unit]) => {
      const found = rows.find(({ row }) => row.name.split("/").at(-1) === name);
      return found === undefined ? "" : cell(found.row, found.results, unit);
    });
    return cells.every((text) => text === "") ? [] : [lineOf([title, ...cells])];
  });
  const heads = ["ours / bare", ...COLUMNS.map(([title]) => title)];
  return [lineOf(heads), lineOf(heads.map(() => "---")), ...lines].join("\n");
}

/** Both medians, and the median of the ratios of each round. */
function cell(row: Row, results: Results, unit: number): string {
  const [ours, bare] = ["gustnado", "bare"]
    .map((name) => (results.get(name) ?? []).map(valueOf(row)));
  if (!ours?.length || !bare?.length) return "";
  const [is, was] = [ours, bare].map((values) => (spread(values).median / unit).toPrecision(3));
  return `${is} / ${was} (${ratios(ours, bare).median.toFixed(2)})`;
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
