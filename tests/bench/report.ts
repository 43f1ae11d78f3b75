/** The table, and the chart. */
import type { Results } from "./measure.ts";
import type { Row } from "./rows.ts";
import { spread } from "./statistics.ts";
import { comparisons, noiseOf, valueOf, type Verdict } from "./verdict.ts";

/** The table of one row. */
export function tableOf(row: Row, results: Results): string {
  const compared = comparisons(row, results);
  const lines = [`${row.title}  (${row.name}; noise ±${percent(noiseOf(row, results))})`];
  lines.push(
    cells(["", "per s", unitOf(row), "min–max", "p50 ms", "p99 ms", "MiB", "ours / this"]),
  );
  for (const [name, rounds] of results) {
    const value = spread(rounds.map(valueOf(row)));
    const median = (pick: (round: typeof rounds[number]) => number) =>
      spread(rounds.map(pick)).median;
    const ratio = compared.get(name);
    const starved = rounds.some((round) => round.starved) && row.special === undefined;
    lines.push(cells([
      starved ? `${name} *` : name,
      row.special === undefined ? median((round) => round.rate).toFixed(0) : "",
      show(row, value.median),
      `${show(row, value.min)}–${show(row, value.max)}`,
      row.special === undefined ? median((round) => round.p50).toFixed(2) : "",
      row.special === undefined ? median((round) => round.p99).toFixed(2) : "",
      row.special === undefined ? (median((round) => round.memory) / 2 ** 20).toFixed(0) : "",
      ratio === undefined
        ? ""
        : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
    ]));
  }
  if ([...results.values()].flat().some((round) => round.starved) && row.special === undefined) {
    lines.push(
      "  * not busy all the time: the load generator, or the network, was slower; CPU holds",
    );
  }
  return lines.join("\n");
}

const WIDTHS = [14, 9, 12, 16, 8, 8, 6, 18];

function cells(texts: readonly string[]): string {
  return "  " +
    texts.map((text, i) => i === 0 ? text.padEnd(WIDTHS[i] ?? 0) : text.padStart(WIDTHS[i] ?? 0))
      .join(" ");
}

function unitOf(row: Row): string {
  return { idle: "KiB/socket", start: "ms", load: "CPU µs" }[row.special ?? "load"];
}

function show(row: Row, value: number): string {
  const scaled = { idle: value / 1024, start: value, load: value / 1000 }[row.special ?? "load"];
  return scaled < 100 ? scaled.toFixed(2) : scaled.toFixed(0);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** One line per budget. */
export function verdictLine({ row, of, against, measured, limit, met }: Verdict): string {
  const [is, may] = [measured, limit].map((value) =>
    value < 100 ? value.toFixed(2) : value.toFixed(0)
  );
  return `${met ? "ok  " : "MISS"} ${row} of ${of} against ${against}: ${is}, may be ${may}`;
}

/** What the chart shows of a row: how often each peer's CPU goes into ours. */
export interface ChartRow {
  readonly title: string;
  /** CPU of a contender divided by ours. */
  readonly bars: ReadonlyMap<string, number>;
}

/** The rows of the chart. */
export function chartRow(row: Row, results: Results): ChartRow {
  const bars = new Map<string, number>([["gustnado", 1]]);
  for (const [name, { median }] of comparisons(row, results)) {
    if (name !== "bare again") bars.set(name, 1 / median);
  }
  return { title: row.title, bars };
}

const COLOURS: Readonly<Record<string, string>> = {
  gustnado: "#0b7285",
  bare: "#868e96",
  hono: "#e8590c",
  fastify: "#5c940d",
  ws: "#5c940d",
  tornado: "#364fc7",
  nginx: "#087f5b",
};

/** Bars longer than this are cut, and say how long they are. */
const LONGEST = 10;

/** An SVG chart: server CPU per request as a multiple of ours; shorter is better. */
export function chart(rows: readonly ChartRow[]): string {
  const parts: string[] = [];
  let y = 46;
  for (const { title, bars } of rows) {
    parts.push(text(16, y, title, 'font-weight="600"'));
    y += 8;
    for (const [name, value] of bars) {
      const width = Math.min(value, LONGEST) * 46;
      const colour = COLOURS[name] ?? "#868e96";
      parts.push(text(24, y + 12, name, 'font-size="11"'));
      parts.push(
        `<rect x="96" y="${y + 2}" width="${
          width.toFixed(1)
        }" height="12" rx="2" fill="${colour}"/>`,
      );
      parts.push(text(102 + width, y + 12, `${value.toFixed(2)}×`, 'font-size="11"'));
      y += 17;
    }
    y += 24;
  }
  const heading = "Server CPU per request, as a multiple of Gustnado's (shorter is better)";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="${y}" viewBox="0 0 640 ${y}" ` +
    `font-family="system-ui, sans-serif" font-size="13"><rect width="640" height="${y}" fill="#fff"/>` +
    `${text(16, 22, heading, 'font-size="14" font-weight="700"')}${parts.join("")}</svg>\n`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(0)}" y="${y}" fill="#212529" ${attributes}>${content}</text>`;
}
