/** The tags of other template languages, and what to write here. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["elseif", "Write {% elif condition %}"],
  ["elsif", "Write {% elif condition %}"],
  ["foreach", "Write {% for x in xs %}"],
  ["macro", "Write a UI module or a function, and pass it to the template"],
  ["filter", "Write {% apply function %}"],
  ["let", "Write {% set x = value %}"],
  ["const", "Write {% set x = value %}"],
  ["switch", "Write {% if %} and {% elif %}"],
]);

/** What to write for an operator that templates do not have, as far as it can be guessed. */
export function hintForOperator(operator: string): string | undefined {
  if (/^end./.test(operator)) return "Every block ends with {% end %}";
  return OPERATORS.get(operator);
}
