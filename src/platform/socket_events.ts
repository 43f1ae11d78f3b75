/** The events of a WebSocket that an engine tells the library, which listens with one object. */

const FLAGS: Readonly<Record<string, number>> = {
  open: 1,
  message: 2,
  close: 4,
  error: 8,
  ping: 16,
  pong: 32,
};

/** A number for the set of the events that are listened to: a list would take more than all the rest. */
export function flagOf(type: string): number {
  return FLAGS[type] ?? 0;
}
