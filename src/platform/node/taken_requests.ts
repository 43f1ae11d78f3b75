/** What takes a request in Node, and has to find the real one in a stand-in. */
import { builtinModule } from "../node_builtins.ts";
import { NodeRequest } from "./node_request.ts";

/** From this version on, Node looks for members of a request that no other object can have. */
const FIRST = 23;

let done = false;

/**
 * Has `new Request(request)` and `fetch(request)` take our requests as well, where they would not. That
 * loads what Node fetches with, which takes a tenth of a start.
 */
export function haveRequestsTaken(): void {
  if (done) return;
  done = true;
  const { versions } = builtinModule("node:process") as typeof import("node:process");
  if (Number.parseInt(versions.node) < FIRST || "Deno" in globalThis) return;
  replace(
    "fetch",
    new Proxy(fetch, {
      apply: (target, self, args) => Reflect.apply(target, self, withRealRequest(args)),
    }),
  );
  replace(
    "Request",
    new Proxy(Request, {
      construct: (target, args, newTarget) =>
        Reflect.construct(target, withRealRequest(args), newTarget),
    }),
  );
}

function withRealRequest([input, ...others]: readonly unknown[]): unknown[] {
  return [input instanceof NodeRequest ? input.real : input, ...others];
}

function replace(name: string, value: unknown): void {
  const { enumerable = false } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
  Object.defineProperty(globalThis, name, {
    value,
    enumerable,
    configurable: true,
    writable: true,
  });
}
