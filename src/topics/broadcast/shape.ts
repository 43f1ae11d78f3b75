/** The look of what comes on a channel, where anything may come. */

/** The fields of a record, and their types. Further ones may be there. */
export type Shape = Readonly<Record<string, "string" | "number" | "boolean">>;

/** Whether a value is a record of one of some kinds. */
export function isOneOf(
  value: unknown,
  kind: string,
  shapes: Readonly<Record<string, Shape>>,
): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const name = value[kind];
  const shape = typeof name === "string" && Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  return shape !== undefined && hasShape(value, shape);
}

/** Whether a value is a record with these fields. */
export function hasShape(value: unknown, shape: Shape): value is Record<string, unknown> {
  return isRecord(value) &&
    Object.entries(shape).every(([name, type]) => typeof value[name] === type);
}

/** Whether a value has fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
