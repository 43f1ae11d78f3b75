import { closest } from "../../checks/mistakes.ts";

/** How each tag is written. */
const USAGE: Readonly<Record<string, string>> = {
  apply: "{% apply function %} … {% end %}",
  autoescape: "{% autoescape xhtmlEscape %} or {% autoescape None %}",
  block: "{% block name %} … {% end %}",
  break: "{% break %}",
  catch: "{% catch e %}",
  comment: "{% comment text %} or {# text #}",
  continue: "{% continue %}",
  elif: "{% elif condition %}",
  else: "{% else %}",
  end: "{% end %}",
  except: "{% except e %}",
  extends: '{% extends "base.html" %}',
  finally: "{% finally %}",
  for: "{% for x in xs %} … {% end %}",
  from: '{% from "module" import a, b %}',
  if: "{% if condition %} … {% end %}",
  import: '{% import { a, b } from "module" %}',
  include: '{% include "part.html" %}',
  module: "{% module Name(arguments) %}",
  raw: "{% raw expression %}, and {{! or {%! for braces that shall show",
  set: "{% set x = value %}",
  try: "{% try %} … {% except e %} … {% end %}",
  while: "{% while condition %} … {% end %}",
  whitespace: "{% whitespace oneline %}",
};

const WITH_ARGUMENTS = 'Write {% module Template("part.html", { name }) %}';

/** The tags of other template languages, and what to write here. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["assign", "Write {% set x = value %}"],
  ["blocktrans", 'Write {{ _("text") }}'],
  ["call", "Write {% apply function %} … {% end %}"],
  ["case", "Write {% if %} and {% elif %}"],
  ["const", "Write {% set x = value %}"],
  ["csrf_token", "Write {{ xsrfFormHtml() }}"],
  ["cycle", "Write {% for [i, x] of xs.entries() %} and {{ i % 2 }}"],
  ["def", "Write a UI module or a function, and pass it to the template"],
  ["default", "Write {% if %} and {% else %}"],
  ["do", "Write {% set f(x) %} or {% set x = value %}"],
  ["echo", "Write {{ expression }}"],
  ["elseif", "Write {% elif condition %}"],
  ["elsif", "Write {% elif condition %}"],
  ["embed", WITH_ARGUMENTS],
  ["empty", "Test for emptiness with {% if %} around the loop"],
  ["filter", "Write {% apply function %}"],
  ["firstof", "Write {{ a || b }}"],
  ["foreach", "Write {% for x in xs %}"],
  ["function", "Write a UI module or a function, and pass it to the template"],
  ["ifequal", "Write {% if a === b %}"],
  ["ifnotequal", "Write {% if a !== b %}"],
  ["let", "Write {% set x = value %}"],
  ["load", "Nothing has to be loaded: pass functions in the namespace or in uiMethods"],
  ["macro", "Write a UI module or a function, and pass it to the template"],
  ["now", "Write {{ new Date().getFullYear() }}"],
  ["partial", 'Write {% include "part.html" %}'],
  ["pass", "Leave it out: a block may be empty"],
  ["print", "Write {{ expression }}"],
  ["python", "Compute it in the handler, and pass it to the template"],
  ["render", WITH_ARGUMENTS],
  ["return", "Use {% if %} and {% else %}"],
  ["spaceless", "Write {% whitespace oneline %}"],
  ["static", 'Write {{ staticUrl("path") }}'],
  ["super", "A block replaces the one of its parent: put what both share into a block of its own"],
  ["switch", "Write {% if %} and {% elif %}"],
  ["trans", 'Write {{ _("text") }}'],
  ["unless", "Write {% if !condition %}"],
  ["url", 'Write {{ reverseUrl("name") }}'],
  ["var", "Write {% set x = value %}"],
  ["verbatim", "Write {{! and {%! for braces that shall show"],
  ["when", "Write {% if %} and {% elif %}"],
  ["with", "Write {% set x = value %}"],
  ["yield", "Write {% block name %} … {% end %}"],
]);

/** How a tag is written, for those who wrote it in another way. */
export function usageOf(operator: string): string {
  return `Write ${USAGE[operator] ?? "{% end %}"}`;
}

/** What to write for an operator that templates do not have. */
export function hintForOperator(operator: string): string {
  if (/^end(?:raw|verbatim|comment)/i.test(operator)) {
    return "{% raw %} and {% comment %} are no blocks: write {{! for braces that shall show, and {# #}";
  }
  if (/^end./i.test(operator)) return "Every block ends with {% end %}";
  if (operator === "-" || operator === "+" || operator === "~") {
    return "White space is set by {% whitespace oneline %}, not by a sign in the tag";
  }
  if (operator === "=") return "Write {{ expression }}";
  if (operator.startsWith("#")) return "Write {# comment #}";
  const known = Object.keys(USAGE);
  const meant = closest(operator, known);
  return OPERATORS.get(operator.toLowerCase()) ??
    (meant === undefined ? `The tags are ${known.join(", ")}` : usageOf(meant));
}
