/** What takes a request in Node, and has to find the real one in a stand-in. */
import { builtinModule } from "../node_builtins.ts";
import { NodeRequest } from "./node_request.ts";

/** From here on Node looks for members of a request that no other object can have. */
const FIRST_UNDICI = 7;

let done = false;

/**
 * Has `new Request(request)` and `fetch(request)` take our requests as well, where they would not. Nothing
 * is loaded by that before somebody asks for it.
 */
export function haveRequestsTaken(): void {
  if (done) return;
  done = true;
  const { versions } = builtinModule("node:process") as typeof import("node:process");
  if (!(Number.parseInt(versions.undici ?? "0") >= FIRST_UNDICI)) return;
  wrap("fetch", (real: typeof fetch) =>
    new Proxy(real, {
      apply: (target, self, args) => Reflect.apply(target, self, withRealRequest(args)),
    }));
  wrap("Request", (real: typeof Request) =>
    new Proxy(real, {
      construct: (target, args, newTarget) =>
        Reflect.construct(target, withRealRequest(args), newTarget),
    }));
}

function withRealRequest([input, ...others]: readonly unknown[]): unknown[] {
  return [input instanceof NodeRequest ? input.real : input, ...others];
}

/** Replaces a global when it is first asked for. */
function wrap<T>(name: string, replace: (real: T) => T): void {
  const found = Object.getOwnPropertyDescriptor(globalThis, name);
  if (found?.configurable !== true) return;
  const { enumerable = false } = found;
  const set = (value: unknown) => {
    const plain = { value, enumerable, configurable: true, writable: true };
    Object.defineProperty(globalThis, name, plain);
  };
  const get = () => {
    Object.defineProperty(globalThis, name, found);
    const value = replace(Reflect.get(globalThis, name));
    set(value);
    return value;
  };
  Object.defineProperty(globalThis, name, { get, set, enumerable, configurable: true });
}
