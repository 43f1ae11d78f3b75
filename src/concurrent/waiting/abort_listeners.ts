/**
 * The listeners of each signal, behind the one listener that the signal itself has: adding and
 * removing is O(1) also when a million waits share a signal, which `removeEventListener` is not.
 */
const listenersOf: WeakMap<AbortSignal, Set<() => void>> = new WeakMap();

/**
 * Calls a function once when a signal aborts. The signal must not have aborted yet.
 *
 * @param signal The signal to listen to.
 * @param listener Must not throw.
 * @returns A function that removes the listener again; nothing is left on the signal after the last.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  // A wrapper for each call, so that one function can listen twice.
  const entry = () => listener();
  listeners.add(entry);
  return () => {
    if (listeners.delete(entry) && listeners.size === 0) forget(signal, listeners);
  };
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listenersOf.set(signal, listeners);
  signal.addEventListener("abort", dispatchAbort);
  return listeners;
}

function forget(signal: AbortSignal, listeners: Set<() => void>): void {
  // While an abort is handed out, the listeners have been forgotten already.
  if (listenersOf.get(signal) !== listeners) return;
  listenersOf.delete(signal);
  signal.removeEventListener("abort", dispatchAbort);
}

function dispatchAbort(event: Event): void {
  const signal = event.target;
  if (!(signal instanceof AbortSignal)) return;
  const listeners = listenersOf.get(signal);
  if (listeners === undefined) return;
  forget(signal, listeners);
  for (const listener of listeners) listener();
}
