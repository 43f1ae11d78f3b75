/** What stands in the place of `default_logs.ts` in the package, for Workers, which have no terminal. */
import type { LoggerName } from "./log_record.ts";
import { OwnLog, type OwnLogs, VARIABLE } from "./own_logs.ts";

/** The loggers where only the variable has asked for logs: what went wrong is on the console all the same. */
export function defaultLogs(): OwnLogs {
  console.warn(
    `Cannot write logs as the variable ${VARIABLE} says: this runtime has no terminal; call ` +
      "configureLogging()",
  );
  const unheard = (name: LoggerName) => new OwnLog(name, [], () => {}, { decided: false });
  return {
    access: unheard("access"),
    application: unheard("application"),
    general: unheard("general"),
  };
}
