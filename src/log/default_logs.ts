/** What is written where nobody has configured anything. */
import { detectPlatform } from "../platform/platform.ts";
import { DEFAULT_LEVEL, sameLevel } from "./levels.ts";
import type { OwnLogs } from "./own_logs.ts";
import { environmentLevels, makeLogs, textOnTerminal } from "./terminal_logs.ts";

/** The loggers, which write lines on the standard error. */
export function defaultLogs(): OwnLogs {
  const write = textOnTerminal();
  const levels = sameLevel(DEFAULT_LEVEL);
  try {
    return makeLogs(environmentLevels(levels), write);
  } catch (error) {
    // What an operator has mistyped must not end the program.
    detectPlatform().console.write(`${error}\n`);
    return makeLogs(levels, write);
  }
}
