/** Names of members that objects have which are not the library's. */
import { getBuiltinModule } from "node:process";
import { CALLED_BY_RUNTIME, VERBS } from "../live_names.ts";

/** Modules of runtimes whose objects the library uses. */
const MODULES = [
  "node:http",
  "node:net",
  "node:stream",
  "node:worker_threads",
  "node:child_process",
];

/** Members of objects that a runtime is handed, and calls: of streams, of proxies, of servers. */
const CALLBACKS = [
  ...["start", "pull", "cancel", "transform", "flush", "write", "close", "abort", "size"],
  ...[
    "open",
    "drain",
    "ping",
    "pong",
    "error",
    "upgrade",
    "connect",
    "lookup",
    "onListen",
    "onError",
  ],
  ...["_read", "_write", "_writev", "_transform", "_flush", "_final", "_construct", "_destroy"],
  ...["apply", "construct", "has", "deleteProperty", "defineProperty", "ownKeys"],
];

let known: Set<string> | undefined;

/** Whether objects of a runtime have a member of this name, or a runtime calls it. */
export function isRuntimeName(name: string): boolean {
  known ??= new Set([
    ...CALLED_BY_RUNTIME,
    ...VERBS,
    ...CALLBACKS,
    ...membersIn(globalThis),
    ...MODULES.flatMap((module) => membersIn(getBuiltinModule(module))),
  ]);
  // What V8 has of its own, the library does not use.
  known.delete("context");
  return known.has(name);
}

/** The names of what an object has, of what that has, and of what the instances of its classes have. */
function membersIn(object: object | undefined): string[] {
  if (object === undefined) return [];
  return Object.getOwnPropertyNames(object).flatMap((name) => {
    const value: unknown = Reflect.get(object, name);
    if (!isObject(value)) return [name];
    const prototype: unknown = Reflect.get(value, "prototype");
    return [
      name,
      ...Object.getOwnPropertyNames(value),
      ...isObject(prototype) ? Object.getOwnPropertyNames(prototype) : [],
    ];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null || typeof value === "function";
}
