/**
 * What stands in the place of `fake_time.ts` in the package, for Workers: what fakes time is made of modules
 * of Node, and sets a timer when it is loaded.
 */
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";

/** There is none. */
export function fakeTime(): never {
  throw new UnsupportedFeatureError("fakeTime()", "the fake timers of what runs the tests");
}

/** See `fake_time.ts`. Time passes by itself. */
export async function passing<T>(promise: Promise<T>): Promise<T> {
  return await promise;
}
