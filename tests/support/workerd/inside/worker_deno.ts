/**
 * What test files use of Deno, inside workerd, where the bundle finds it in place of `Deno`. What is not here
 * throws when it is called.
 *
 * @module
 */
import { inspect } from "node:util";
import { ObjectDatabase } from "./object_database.ts";
import { connect, errors } from "./tcp_connection.ts";
import { register } from "./test_registry.ts";
import { fileFunctions } from "./worker_files.ts";

/** A program that is not there. */
class Command {
  outputSync(): { success: boolean; stdout: Uint8Array; stderr: Uint8Array } {
    return { success: false, stdout: new Uint8Array(), stderr: new Uint8Array() };
  }
}

const known: Readonly<Record<string, unknown>> = {
  ...fileFunctions,
  test: register,
  inspect: (value: unknown) => inspect(value),
  connect,
  errors,
  Command,
  // Node's own, which workerd lacks.
  DatabaseSync: ObjectDatabase,
  build: { os: "linux" },
  env: { get: () => undefined },
  execPath: () => "/usr/bin/deno",
};

/** Throws what says so for everything else. */
const workerDeno: unknown = new Proxy(known, {
  get: (_target, name) =>
    Reflect.get(known, name) ?? (() => {
      throw new Error(`Cannot call Deno.${String(name)}: this is workerd`);
    }),
});

Object.defineProperty(globalThis, "workerDeno", { value: workerDeno });

/** What is asked of Node's own `process`. */
interface NodeProcess {
  getBuiltinModule(name: string): unknown;
}

// What is written for Node asks for its modules so.
const { process } = globalThis as unknown as { readonly process: NodeProcess };
Object.defineProperty(globalThis, "require", {
  value: (name: string) => process.getBuiltinModule(name),
});
