/** Ours against the others, and against the budgets. */
import { BUDGETS } from "./budgets.ts";
import type { Round } from "./load.ts";
import type { Results } from "./measure.ts";
import type { Row } from "./rows.ts";
import { ratios, type Spread, spread } from "./statistics.ts";

/** What a budget was held against. */
export interface Verdict {
  readonly row: string;
  /** Who was judged. */
  readonly of: string;
  readonly against: string;
  /** As it was measured: a ratio, or a difference. */
  readonly measured: number;
  readonly limit: number;
  readonly met: boolean;
}

/** What counts in a row: server CPU, or memory, or time. */
export function valueOf(row: Row): (round: Round) => number {
  if (row.special === "idle") return ({ memory }) => memory;
  if (row.special === "start") return ({ p50 }) => p50;
  return ({ cpu }) => cpu;
}

/** Ours to each other contender, round by round. */
export function comparisons(row: Row, results: Results): Map<string, Spread> {
  const value = valueOf(row);
  const ours = (results.get("gustnado") ?? []).map(value);
  const compared = new Map<string, Spread>();
  for (const [name, rounds] of results) {
    if (name !== "gustnado") compared.set(name, ratios(ours, rounds.map(value)));
  }
  return compared;
}

/** How far two processes of the same program lie apart: what cannot be told from nothing. */
export function noiseOf(row: Row, results: Results): number {
  const value = valueOf(row);
  const [one, other] = ["bare", "bare again"].map((name) => (results.get(name) ?? []).map(value));
  if (!one?.length || !other?.length) return 0;
  const { median, min, max } = ratios(one, other);
  // Half the range: the median of several rounds varies less than a single one.
  return Math.max(Math.abs(median - 1), (max - min) / 2 / Math.sqrt(one.length));
}

/**
 * Holds the budgets of a row against what was measured.
 *
 * @param short Whether only gross regressions count: the limit is one and a half times what is
 *   reached, twice what is on other engines, of which a short run sees little, three times for memory;
 *   the best rounds count where they show less.
 */
export function verdicts(row: Row, results: Results, short: boolean): Verdict[] {
  const noise = noiseOf(row, results);
  const value = valueOf(row);
  // Memory is given back when the machine has time for it.
  const gross = row.special === "idle" ? 3 : row.name.includes("/") ? 2 : 1.5;
  const valuesOf = (who: string) => (results.get(who) ?? []).map(value);
  return BUDGETS.filter((budget) => budget.row === row.name).flatMap((budget) => {
    const { row: name, of = "gustnado", against } = budget;
    const [judged, other] = [valuesOf(of), valuesOf(against)];
    if (judged.length === 0 || other.length === 0) return [];
    const ratio = ratios(judged, other);
    if (budget.ratio !== undefined) {
      const limit = short ? gross * (budget.reached ?? budget.ratio) : budget.ratio;
      // What else runs disturbs both, but seldom the best rounds of both.
      const best = short ? spread(judged).min / spread(other).min : Infinity;
      const measured = Math.min(ratio.median, best);
      return [{ row: name, of, against, measured, limit, met: measured <= limit + noise }];
    }
    // Of the few starts of a short run the quickest counts: what else runs only makes them slower.
    const level = (who: string) => {
      const { min, median } = spread(valuesOf(who));
      return short ? min : median;
    };
    if (budget.most !== undefined) {
      const limit = short ? gross * budget.most : budget.most;
      return [{ row: name, of, against, measured: level(of), limit, met: level(of) <= limit }];
    }
    const measured = level(of) - level(against);
    const { plus = 0, at = Infinity } = budget;
    const slowness = Math.max(1, level(against) / at);
    const limit = slowness * (short ? gross * (budget.reached ?? plus) : plus);
    return [{
      row: name,
      of,
      against,
      measured,
      limit,
      met: measured <= limit + noise * level(against),
    }];
  });
}
