/** The syntax tree of a module, as acorn gives it. */
import { type AnyNode, parse, type Program } from "acorn";

export type { AnyNode, Program };

/** A name in a language's sense, and nothing else. */
export const NAME: RegExp = /^[A-Za-z_$][\w$]*$/;
/** The names in any text. */
export const NAMES: RegExp = /[A-Za-z_$][\w$]*/g;

/**
 * Parses a module.
 *
 * @throws {SyntaxError} If it is none.
 */
export function parseModule(text: string): Program {
  return parse(text, { ecmaVersion: "latest", sourceType: "module" });
}

/** Calls back with a node and with all below it, the outer ones first. */
export function walk(node: AnyNode, visit: (node: AnyNode) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit);
    } else if (isNode(value)) walk(value, visit);
  }
}

/** The nodes right below one. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []
  );
}

/** A node of a kind. */
export type NodeOf<Type extends AnyNode["type"]> = Extract<AnyNode, { type: Type }>;

/** What has parameters and a body. */
export type FunctionNode =
  | NodeOf<"FunctionDeclaration">
  | NodeOf<"FunctionExpression">
  | NodeOf<"ArrowFunctionExpression">;

/** Whether a node is a function, or the value of a method. */
export function isFunction(node: AnyNode | null | undefined): node is FunctionNode {
  return node?.type === "FunctionDeclaration" || node?.type === "FunctionExpression" ||
    node?.type === "ArrowFunctionExpression";
}

/** Whether a node is a class. */
export function isClass(
  node: AnyNode | undefined,
): node is NodeOf<"ClassDeclaration"> | NodeOf<"ClassExpression"> {
  return node?.type === "ClassDeclaration" || node?.type === "ClassExpression";
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/** The name that a key which is not computed stands for; `null` if it is computed. */
export function keyName(key: AnyNode, computed: boolean): string | null {
  if (computed) return null;
  switch (key.type) {
    case "Identifier":
      return key.name;
    case "PrivateIdentifier":
      return `#${key.name}`;
    case "Literal":
      return String(key.value);
    default:
      return null;
  }
}
