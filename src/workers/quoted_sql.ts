/** Text of any content in the database of an object. */
import type { SqlRow, SqlStorage, SqlValue } from "./durable_object.ts";

/**
 * A database that gives back text as it was: SQLite ends some at a NUL, and has no lone surrogates. Text is
 * kept as JSON.
 */
export function quotedSql(sql: SqlStorage): SqlStorage {
  return {
    exec(query, ...bindings) {
      const cursor = sql.exec(query, ...bindings.map(quote));
      return { toArray: () => cursor.toArray().map(unquoteRow) };
    },
  };
}

function quote(value: SqlValue): SqlValue {
  return typeof value === "string" ? JSON.stringify(value) : value;
}

function unquoteRow(row: SqlRow): SqlRow {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "string" ? String(JSON.parse(value)) : value,
  ]);
  return Object.fromEntries(values);
}
