import type { CapturedLog, LogRecords } from "./log_records.ts";

/**
 * Expects everything that was logged so far, so that a test can compare all of it at once.
 *
 * @param records The capture.
 * @returns Each record as `level: text`; of an exception the first line of its own text.
 */
export function loggedTexts(records: LogRecords): string[] {
  for (const record of records.all) {
    records.expect((candidate) => candidate === record, { description: record.message });
  }
  return records.all.map(textOf);
}

function textOf({ level, message }: CapturedLog): string {
  return [level, ...message.split("\n").slice(0, 2)].join(": ");
}
