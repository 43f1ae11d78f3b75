/**
 * Calls a function in the next iteration of the event loop, after the input and output that is
 * waiting now. A microtask would run before it and, repeated, starve it.
 *
 * @param callback Must not throw.
 */
export function nextIteration(callback: () => void): void {
  // A timer of 0 ms takes 2 ms on Deno; it is for the runtimes without the better way.
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}
