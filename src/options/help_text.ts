/** What `--help` prints. */
import type { Option } from "./option.ts";

/** What stands around the list of options. */
export interface HelpFrame {
  /** How the program is called. */
  readonly program: string | undefined;
  /** What it does. */
  readonly description: string | undefined;
  /** The columns that a line may take. */
  readonly columns: number;
}

/** Where the explanations begin: what is longer has them in the next line. */
const INDENT = 30;
/** Narrower than this, a terminal breaks the lines by itself. */
const MIN_COLUMNS = 40;
const MAX_COLUMNS = 120;

/**
 * The help: each group under its name, in the order in which they were defined.
 *
 * @param options The options.
 */
export function helpText(options: readonly Option[], frame: HelpFrame): string {
  const columns = Math.min(Math.max(frame.columns, MIN_COLUMNS), MAX_COLUMNS);
  const { program, description } = frame;
  const lines: string[] = [];
  if (program !== undefined) lines.push(`Usage: ${program} [options]`, "");
  if (description !== undefined) lines.push(...wrap(description, columns), "");
  const help = row("--help", "show this help", columns);
  lines.push("Options:", "", ...help);
  for (const group of new Set(["", ...options.map(groupOf)])) {
    if (group !== "") lines.push("", `${group} options:`, "");
    lines.push(...rows(options.filter((option) => groupOf(option) === group), columns));
  }
  return `${lines.join("\n")}\n`;
}

function groupOf({ definition }: Option): string {
  return definition.group ?? "";
}

function rows(options: readonly Option[], columns: number): string[] {
  return options.flatMap((option) => row(usageOf(option), explanationOf(option), columns));
}

function usageOf(option: Option): string {
  const { flag, metavar, isSwitch, definition } = option;
  if (isSwitch) return option.value === true ? `--no-${flag}` : `--${flag}`;
  return `--${flag}=${metavar}${definition.multiple ? ",…" : ""}`;
}

function explanationOf({ definition, shownDefault, variable, isSwitch }: Option): string {
  const notes = [];
  if (shownDefault !== null && !isSwitch) notes.push(`default ${shownDefault}`);
  if (variable !== null) notes.push(`environment ${variable}`);
  const { help = "" } = definition;
  return notes.length === 0 ? help : `${help} (${notes.join("; ")})`.trimStart();
}

function row(usage: string, explanation: string, columns: number): string[] {
  const narrow = columns < INDENT * 2;
  const indent = narrow ? 6 : INDENT;
  const lines = wrap(explanation, columns - indent).map((line) => " ".repeat(indent) + line);
  const head = `  ${usage}`;
  if (narrow || head.length > indent - 2) return lines.join("") === "" ? [head] : [head, ...lines];
  const [first = "", ...others] = lines;
  return [head.padEnd(indent) + first.trimStart(), ...others].map((line) => line.trimEnd());
}

/** A word that is longer than the line stands alone. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else if (word !== "") lines.push(word);
  }
  return lines;
}
