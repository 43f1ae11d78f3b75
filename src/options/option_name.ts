/** The spellings of an option's name, all of which mean the same. */

/**
 * The name as it is written on a command line: `logFile`, `log_file` and `log-file` are `log-file`.
 *
 * @param name Any spelling, without dashes in front.
 */
export function optionName(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, "$1-$2").replaceAll("_", "-").toLowerCase();
}
