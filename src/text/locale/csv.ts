/**
 * Reads comma-separated values (RFC 4180): quoted cells, doubled quotes, commas and line breaks
 * inside quotes.
 *
 * @param text The file.
 * @returns The cells of each row; empty lines are left out.
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /[ \t]*"([^"]*(?:""[^"]*)*)"[^,\r\n]*(,|\r?\n|\r|$)|([^,\r\n]*)(,|\r?\n|\r|$)/y;
  while (cell.lastIndex < text.length) {
    const [, quoted, quotedEnd, plain = "", plainEnd] = cell.exec(text) ?? [];
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    const end = quotedEnd ?? plainEnd;
    // A file that ends with a comma has one more cell, which no character stands for.
    if (end === "," && cell.lastIndex === text.length) row.push("");
    if (end === "," && cell.lastIndex < text.length) continue;
    if (row.some((each) => each !== "")) rows.push(row);
    row = [];
  }
  return rows;
}
