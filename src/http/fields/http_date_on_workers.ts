/** What stands in the place of `http_date.ts` in the package, for Workers: their runtime reads all three forms. */

export { formatHttpDate } from "./http_date.ts";

/** The two obsolete forms (RFC 9110 §5.6.7), as far as they are looked at. */
const OBSOLETE =
  /^[A-Z][a-z]+(?:, (\d\d)-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT| [A-Z][a-z]{2} ([ \d]\d) [\d:]{8} \d{4})$/;

/** See `http_date.ts`. Of obsolete forms the day of the week is not looked at. */
export function parseHttpDate(text: string): number | null {
  const ms = Date.parse(text);
  const date = new Date(ms);
  const isDate = date.toUTCString() === text || date.getUTCDate() === dayOf(text);
  return isDate && !Number.isNaN(ms) ? ms : null;
}

/** The day of the month, which the runtime counts on where the month has no such day. */
function dayOf(text: string): number {
  const [, dashed, padded] = OBSOLETE.exec(text) ?? [];
  return Number(dashed ?? padded);
}
