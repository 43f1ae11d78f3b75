import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The bytes of heap that are in use after a full garbage collection. */
export async function heapInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  // Promises that settled in this turn are still referred to.
  await new Promise((resolve) => setTimeout(resolve, 5));
  collect();
  return Deno.memoryUsage().heapUsed;
}
