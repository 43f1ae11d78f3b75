/**
 * Stands before test files, and keeps the functions that they make of texts.
 *
 * @module
 */
import type { RecordedFunction } from "./recorded_functions.ts";

const folder = Deno.env.get("RECORDED_FUNCTIONS");
const recorded: RecordedFunction[] = [];

globalThis.Function = new Proxy(Function, {
  construct(target, parameters: string[]) {
    const body = parameters.length === 1 ? parameters[0] : undefined;
    try {
      const made = new target(...parameters);
      if (body !== undefined) recorded.push({ body, error: null });
      return made;
    } catch (error) {
      if (body !== undefined && error instanceof Error) {
        recorded.push({ body, error: error.message });
      }
      throw error;
    }
  },
});

addEventListener("unload", () => {
  const path = `${folder}/${crypto.randomUUID()}.json`;
  Deno.writeTextFileSync(path, JSON.stringify(recorded));
});
