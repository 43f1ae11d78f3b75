/** What stands in the place of `offered_logs.ts` in the package, for Workers, which have no terminal. */
import { detectPlatform } from "../platform/platform.ts";
import { VARIABLE } from "./own_logs.ts";

let wasAsked = false;

/** There are none. Where the variable asks for them, that is said once. */
export function offeredLogs(): null {
  if (!wasAsked && detectPlatform().console.variable(VARIABLE)) {
    console.warn(
      `Cannot write logs as the variable ${VARIABLE} says: this runtime has no terminal; call ` +
        "configureLogging()",
    );
  }
  wasAsked = true;
  return null;
}
