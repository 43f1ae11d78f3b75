/** What stands in the place of `status_text.ts` in the package, for Workers: their runtime has the phrases. */

/** Where the runtime is behind the registry. */
const NEWER: Readonly<Record<number, string>> = { 413: "Content Too Large", 425: "Too Early" };
/** What the runtime says of a status that it does not know. */
const UNKNOWN = /^(?:|Successful|Redirection|Client Error|Server Error)$/;

/** The standard phrase of a status; `undefined` of one that has none, and of those below 200. */
export function statusText(status: number): string | undefined {
  const text = NEWER[status] ?? sent(status);
  return UNKNOWN.test(text) ? undefined : text;
}

/** The standard phrase of a status, or `"Unknown"`. */
export function reasonPhrase(status: number): string {
  return statusText(status) ?? "Unknown";
}

function sent(status: number): string {
  try {
    return new Response(null, { status }).statusText;
  } catch {
    return "";
  }
}
