import { checkOptions, type OptionType, type OptionTypes } from "../../checks/option_check.ts";

/**
 * A length of time, as Python's `timedelta` takes it: its parts are added up, and may be negative.
 *
 * @category Event loop
 */
export interface TimeDelta {
  /** Of 7 days each. */
  readonly weeks?: number | undefined;
  /** Of 24 hours each. */
  readonly days?: number | undefined;
  /** Of 60 minutes each. */
  readonly hours?: number | undefined;
  /** Of 60 seconds each. */
  readonly minutes?: number | undefined;
  /** Of 1,000 milliseconds each. */
  readonly seconds?: number | undefined;
  /** What every other duration of the library is counted in. */
  readonly milliseconds?: number | undefined;
}

const LENGTHS: Readonly<Record<keyof TimeDelta, number>> = {
  milliseconds: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

const PART: OptionType = {
  name: "a number",
  test: (value) => typeof value === "number" && !Number.isNaN(value),
};

const PARTS: OptionTypes = {
  milliseconds: PART,
  seconds: PART,
  minutes: PART,
  hours: PART,
  days: PART,
  weeks: PART,
};

/**
 * How long a {@linkcode TimeDelta} is, in milliseconds.
 *
 * @throws {TypeError} If a part is unknown or not a number.
 */
export function toMilliseconds(delta: TimeDelta): number {
  checkOptions(delta, PARTS, "part of a length of time");
  const { milliseconds = 0, seconds = 0, minutes = 0, hours = 0, days = 0, weeks = 0 } = delta;
  return milliseconds + seconds * LENGTHS.seconds + minutes * LENGTHS.minutes +
    hours * LENGTHS.hours + days * LENGTHS.days + weeks * LENGTHS.weeks;
}
