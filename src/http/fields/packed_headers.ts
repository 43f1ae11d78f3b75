/**
 * Header fields as one text, a line for each name and each value: a third of the memory of a list of
 * lists, for requests that outlive their response by hours.
 */

/**
 * One field, as `Headers.get` gives it.
 *
 * @param packed The fields.
 * @param name Its name, in any case.
 * @returns Its value, several joined with `", "`; `null` if there is none.
 */
export function packedHeader(packed: string, name: string): string | null {
  const wanted = name.toLowerCase();
  const values = fields(packed).filter(([name]) => name.toLowerCase() === wanted);
  return values.length === 0 ? null : values.map(([, value]) => value).join(", ");
}

/**
 * All fields.
 *
 * @param packed The fields.
 */
export function unpackHeaders(packed: string): Headers {
  return new Headers(fields(packed));
}

function fields(packed: string): [name: string, value: string][] {
  const lines = packed.split("\n");
  const found: [string, string][] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) found.push([lines[i] ?? "", lines[i + 1] ?? ""]);
  return found;
}
