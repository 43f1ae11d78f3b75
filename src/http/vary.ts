/** What a response depends on. */

/**
 * Adds a request header to `Vary` (RFC 9110 §12.5.5), unless it stands there already, or `*` does.
 *
 * @param headers The fields of the response.
 * @param name The request header.
 */
export function addVary(headers: Headers, name: string): void {
  const vary = headers.get("vary");
  const known = vary?.split(",").map((entry) => entry.trim().toLowerCase()) ?? [];
  if (!known.includes("*") && !known.includes(name.toLowerCase())) headers.append("vary", name);
}
