/**
 * Code for what an application does not have: a setting that nothing names is `undefined`, and a hook
 * that no handler overrides is not there.
 */
import { transform } from "esbuild";
import { startEsbuild } from "../esbuild_service.ts";
import { type AnyNode, keyName, parseModule, walk } from "./syntax_tree.ts";
import type { Span } from "./module_outline.ts";
import { edited, type TextEdit } from "./text_edits.ts";

/** What is not there. */
export interface AbsentFeatures {
  /** Settings that are never given, each with the text of its default. */
  readonly settings: ReadonlyMap<string, string>;
  /** Traits of handlers that none has. */
  readonly traits: ReadonlySet<string>;
  /** Global names that need not be looked for. */
  readonly globals: ReadonlySet<string>;
  /** What calls of functions give that are not made, as text, by what the module calls them. */
  readonly calls: ReadonlyMap<string, string>;
  /** What calls of members of the platform give, as text. */
  readonly platform: ReadonlyMap<string, string>;
  /** Members of the parts of an application that are `undefined`. Default none. */
  readonly parts?: ReadonlySet<string>;
}

/** The traits in a module that examines handlers, and the member that each is about. */
export function traitsIn(text: string): ReadonlyMap<string, string> {
  const compared = text.matchAll(/(\w+): own\.(\w+) (?:!==|instanceof)/g);
  const present = text.matchAll(/(\w+): "(\w+)" in own/g);
  return new Map(
    [...compared, ...present].map(([, trait = "", hook = ""]) => [trait, hook]),
  );
}

/** How code is written down. */
export interface FoldOptions {
  /** The version of the language. Default `"es2022"`. */
  readonly target?: string;
}

/**
 * Folds what is absent, and the branches that depend on it.
 *
 * @param text A module of the library.
 * @param absent What is not there.
 */
export async function foldAbsent(
  text: string,
  absent: AbsentFeatures,
  options: FoldOptions = {},
): Promise<string> {
  if (!mayHold(text, absent)) return text;
  const edits: TextEdit[] = [];
  const written = new WeakSet<AnyNode>();
  walk(parseModule(text), (node) => {
    if (node.type === "AssignmentExpression") written.add(node.left);
    const isWritten = node.type === "UpdateExpression" ||
      node.type === "UnaryExpression" && node.operator === "delete";
    if (isWritten) written.add(node.argument);
    if (!written.has(node)) edits.push(...editsOf(node, text, absent));
  });
  if (edits.length === 0) return text;
  return await simplified(edited(text, edits), options);
}

/** The same code, without branches that are never taken. */
export async function simplified(
  text: string,
  { target = "es2022" }: FoldOptions = {},
): Promise<string> {
  startEsbuild();
  const { code } = await transform(text, {
    loader: "js",
    target,
    minifySyntax: true,
    logLevel: "silent",
    sourcemap: /\n\/\/# sourceMappingURL=/.test(text) ? "inline" : false,
  });
  return code;
}

function mayHold(
  text: string,
  { calls, platform, parts = new Set() }: AbsentFeatures,
): boolean {
  if (calls.size > 0) return true;
  if ([...platform.keys(), ...parts].some((name) => text.includes(name))) return true;
  return /\bsettings\b|_SETTINGS\b|\btraits\b|typeof [A-Z]/.test(text);
}

function editsOf(node: AnyNode, text: string, absent: AbsentFeatures): TextEdit[] {
  switch (node.type) {
    case "MemberExpression":
      return memberEdits(node, absent);
    case "CallExpression":
      return [
        ...defaultEdits(node, absent),
        ...platformEdits(node, absent),
        ...callEdits(node, absent),
      ];
    case "VariableDeclarator":
      return [...destructuringEdits(node, text, absent), ...tableEdits(node, text, absent)];
    case "ObjectExpression":
      return node.properties.flatMap((property) => traitEdits(property, text, absent));
    case "UnaryExpression":
      return node.operator === "typeof" &&
          node.argument.type === "Identifier" &&
          absent.globals.has(node.argument.name)
        ? [{ start: node.start, end: node.end, text: '"undefined"' }]
        : [];
    default:
      return [];
  }
}

function memberEdits(
  node: Extract<AnyNode, { type: "MemberExpression" }>,
  { settings, traits, parts }: AbsentFeatures,
): TextEdit[] {
  const name = keyName(node.property, node.computed);
  if (name === null) return [];
  const { start, end } = node;
  const isAbsent = settings.has(name) && isNamed(node.object, "settings") ||
    parts?.has(name) && isNamed(node.object, "parts");
  if (isAbsent) {
    return [{ start, end, text: "(void 0)" }];
  }
  if (traits.has(name) && isNamed(node.object, "traits")) {
    return [{ start, end, text: "false" }];
  }
  return [];
}

/** `const { debug = false, own } = settings` */
function destructuringEdits(
  { id, init, start, end }: Extract<AnyNode, { type: "VariableDeclarator" }>,
  text: string,
  { settings }: AbsentFeatures,
): TextEdit[] {
  if (id.type !== "ObjectPattern" || !init || !isNamed(init, "settings")) {
    return [];
  }
  const dead: string[] = [];
  const live: string[] = [];
  for (const property of id.properties) {
    const value = property.type === "Property" ? absentValue(property, text, settings) : null;
    if (value === null) live.push(text.slice(property.start, property.end));
    else dead.push(value);
  }
  if (dead.length === 0) return [];
  const rest = live.length === 0
    ? []
    : [`{ ${live.join(", ")} } = ${text.slice(init.start, init.end)}`];
  return [{ start, end, text: [...rest, ...dead].join(", ") }];
}

/** `settingOf(SERVER_SETTINGS, options, "graceMs")` */
function defaultEdits(
  { callee, arguments: [, , name], start, end }: Extract<AnyNode, { type: "CallExpression" }>,
  { settings }: AbsentFeatures,
): TextEdit[] {
  if (callee.type !== "Identifier" || callee.name !== "settingOf") return [];
  const value = name?.type === "Literal" ? settings.get(String(name.value)) : undefined;
  return value === undefined ? [] : [{ start, end, text: `(${value})` }];
}

/** `platform.calledByRuntimeServer()`, `this.platform.joinable?.(own)` */
function platformEdits(
  { callee, start, end }: Extract<AnyNode, { type: "CallExpression" }>,
  { platform }: AbsentFeatures,
): TextEdit[] {
  if (callee.type !== "MemberExpression" || !isNamed(callee.object, "platform")) return [];
  const value = platform.get(keyName(callee.property, callee.computed) ?? "");
  return value === undefined ? [] : [{ start, end, text: `(${value})` }];
}

/** `accessLog()`: what it is given does nothing by itself. */
function callEdits(
  { callee, start, end }: Extract<AnyNode, { type: "CallExpression" }>,
  { calls }: AbsentFeatures,
): TextEdit[] {
  const value = callee.type === "Identifier" ? calls.get(callee.name) : undefined;
  return value === undefined ? [] : [{ start, end, text: `(${value})` }];
}

/** A table of settings need not say what may stand in one that nobody gives. */
function tableEdits(
  { id, init }: Extract<AnyNode, { type: "VariableDeclarator" }>,
  text: string,
  { settings }: AbsentFeatures,
): TextEdit[] {
  const isTable = id.type === "Identifier" && id.name.endsWith("_SETTINGS");
  if (!isTable || init?.type !== "ObjectExpression") return [];
  return init.properties.flatMap((row) => {
    const name = row.type === "Property" ? keyName(row.key, row.computed) : null;
    return name !== null && settings.has(name) ? [withoutItem(row, text)] : [];
  });
}

/** Takes an item out of a list, with the comma behind it. */
function withoutItem({ start, end }: Span, text: string): TextEdit {
  return { start, end: text[end] === "," ? end + 1 : end, text: "" };
}

/** What a variable is when its setting is not there; `null` if it may be. */
function absentValue(
  property: Extract<AnyNode, { type: "Property" }>,
  text: string,
  settings: AbsentFeatures["settings"],
): string | null {
  const name = keyName(property.key, property.computed);
  if (name === null || !settings.has(name)) return null;
  const { value }: { value: AnyNode } = property;
  if (value.type === "Identifier") return `${value.name} = void 0`;
  if (value.type !== "AssignmentPattern" || value.left.type !== "Identifier") {
    return null;
  }
  return `${value.left.name} = ${text.slice(value.right.start, value.right.end)}`;
}

/** A trait that nobody asks for is not looked for. */
function traitEdits(
  property: AnyNode,
  text: string,
  { traits }: AbsentFeatures,
): TextEdit[] {
  if (property.type !== "Property") return [];
  const name = keyName(property.key, property.computed);
  if (name === null || !traits.has(name)) return [];
  return [withoutItem(property, text)];
}

/** `settings`, `this.settings`, `this.#settings`, `handler.settings` */
function isNamed(node: AnyNode, name: string): boolean {
  if (node.type === "Identifier") return node.name === name;
  if (node.type !== "MemberExpression" || node.computed) return false;
  const key = keyName(node.property, false);
  return key === name || key === `#${name}`;
}
