import { type AnyNode, parseExpressionAt } from "acorn";
import { ForbiddenSyntax } from "../hints/forbidden_syntax.ts";
import { hintForCode } from "../hints/foreign_syntax.ts";
import { findFreeNames, type FreeName, patternNames } from "./free_names.ts";
import { countNewlines, type SourceText } from "../syntax/source_text.ts";

/** A JavaScript expression of a template, with the names in it that the template must supply. */
export interface Expression {
  /** The source, without the white space and comments around it. */
  readonly code: string;
  /** The uses of free names, in order; their positions count from the start of `code`. */
  readonly names: readonly FreeName[];
  /** Whether it awaits. */
  readonly awaits: boolean;
  /** The line of the template on which it begins. */
  readonly line: number;
  /** The kind of its outermost node, as ESTree names it. */
  readonly type: string;
  /** For a call of a plain name, awaited or not: that name and where it stands. */
  readonly callee: FreeName | undefined;
}

/** Where code was found. */
export interface CodePlace {
  readonly file: SourceText;
  /** The line on which the code begins. */
  readonly line: number;
}

/** What a `for` loop assigns its values to. */
export interface Target extends Expression {
  /** The variables. */
  readonly variables: readonly string[];
}

/**
 * Parses one expression.
 *
 * @param code The code, and nothing else.
 * @param place Where it is, for errors.
 * @throws {ParseError} When it is not one JavaScript expression.
 */
export function parseExpression(code: string, place: CodePlace): Expression {
  return readPath(code, place) ?? guarded(code, place, () => {
    // The parentheses make sure that there is one expression and nothing behind it.
    const tree = parseWhole(`(${code}\n)`);
    if (tree.type !== "ParenthesizedExpression" || tree.end !== code.length + 3) {
      throw new ForbiddenSyntax("Unexpected token", tree.end);
    }
    return analyse(code, place, tree.expression);
  });
}

/** `name` or `name.property.property`: most of what pages print, and quick to see. */
const PATH = /^\s*(([A-Za-z$][\w$]*)(?:\.[A-Za-z$][\w$]*)*)\s*$/;

/** What looks like a name and is none, or none that a template may define. */
const RESERVED = new Set(
  ("arguments async await break case catch class const continue debugger default delete do else " +
    "enum eval export extends false finally for function if implements import in Infinity " +
    "instanceof interface let NaN new null of package private protected public return static " +
    "super switch this throw true try typeof undefined var void while with yield").split(" "),
);

/** Reads a path without the help of a parser; `undefined` for anything else. */
function readPath(text: string, place: CodePlace): Expression | undefined {
  const [, code, name] = PATH.exec(text) ?? [];
  if (code === undefined || name === undefined || RESERVED.has(name)) return undefined;
  // Python's spelling of a property has to be looked at.
  if (code.includes("_", name.length)) return undefined;
  return {
    code,
    names: [{ name, use: "read", start: 0, end: name.length }],
    awaits: false,
    line: place.line + countNewlines(text, 0, text.length - text.trimStart().length),
    type: code === name ? "Identifier" : "MemberExpression",
    callee: undefined,
  };
}

/**
 * Parses what a `for` loop assigns to: a name or a destructuring pattern.
 *
 * @param code The code, and nothing else.
 * @param place Where it is, for errors.
 * @throws {ParseError} When it is neither.
 */
export function parseTarget(code: string, place: CodePlace): Target {
  return guarded(code, place, () => {
    const tree = parseWhole(`(${code}\n)=>0`);
    const [pattern, more] = tree.type === "ArrowFunctionExpression" ? tree.params : [];
    const whole = tree.end === code.length + 6 && more === undefined && pattern !== undefined &&
      code.slice(pattern.end - 1).trim() === "" && pattern.type !== "RestElement" &&
      pattern.type !== "AssignmentPattern";
    if (!whole) throw new ForbiddenSyntax("Expected one name or one pattern", 1);
    return { ...analyse(code, place, pattern), variables: patternNames(pattern) };
  });
}

function parseWhole(code: string): AnyNode {
  return parseExpressionAt(code, 0, {
    ecmaVersion: "latest",
    // Strict: the names a module reserves cannot become variables of the generated function.
    sourceType: "module",
    allowAwaitOutsideFunction: true,
    preserveParens: true,
  });
}

function analyse(code: string, place: CodePlace, tree: AnyNode): Expression {
  const { names, awaits } = findFreeNames(tree);
  const offset = tree.start;
  const shifted = names.map((each) => ({
    ...each,
    start: each.start - offset,
    end: each.end - offset,
  }));
  return {
    code: code.slice(tree.start - 1, tree.end - 1),
    names: shifted,
    awaits,
    line: place.line + countNewlines(code, 0, tree.start - 1),
    type: tree.type,
    callee: calleeOf(tree, shifted),
  };
}

function calleeOf(tree: AnyNode, names: readonly FreeName[]): FreeName | undefined {
  const call = tree.type === "AwaitExpression" ? tree.argument : tree;
  if (call.type !== "CallExpression" || call.callee.type !== "Identifier") return undefined;
  const start = call.callee.start - tree.start;
  return names.find((each) => each.start === start && each.use === "read");
}

function guarded<T>(code: string, place: CodePlace, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw explained(error, code, place);
  }
}

function explained(error: unknown, code: string, place: CodePlace): unknown {
  const { file } = place;
  if (error instanceof RangeError) {
    return file.error("Expression is nested too deeply", place.line, {
      cause: error,
      hint: "Compute parts of it with {% set x = value %}",
    });
  }
  const position = positionOf(error);
  if (position === undefined || !(error instanceof Error)) return error;
  const at = Math.min(Math.max(position - 1, 0), code.trimEnd().length);
  const what = error.message.replace(/ \(\d+:\d+\)$/, "");
  const reason = at >= code.trimEnd().length && what === "Unexpected token"
    ? "Unexpected end"
    : what;
  const line = place.line + countNewlines(code, 0, at);
  const hint = error instanceof ForbiddenSyntax ? error.hint : undefined;
  // The parser's own error has nothing more to say, and a stack of its own.
  return file.error(`Invalid expression "${shortened(code)}": ${reason}`, line, {
    hint: hint ?? hintForCode(code),
  });
}

function positionOf(error: unknown): number | undefined {
  if (error instanceof ForbiddenSyntax) return error.pos;
  const hasPosition = error instanceof SyntaxError && "pos" in error;
  return hasPosition && typeof error.pos === "number" ? error.pos : undefined;
}

function shortened(code: string): string {
  const text = code.trim().replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
