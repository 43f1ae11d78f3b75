import type * as acorn from "acorn";
import { ForbiddenSyntax } from "../hints/forbidden_syntax.ts";
import { checkArguments, checkOperator } from "../hints/foreign_meaning.ts";

/** How a name that the expression does not declare itself is used. */
export type Use =
  /** Its value is read. */
  | "read"
  /** Its value is read by `{ name }`. */
  | "shorthand"
  /** Its type is asked for, which a missing name answers with `"undefined"`. */
  | "typeof"
  /** It is assigned to. */
  | "write"
  /** Here begins an assignment that reads the name first (`+=`, `++`). */
  | "update"
  /** Here ends such an assignment. */
  | "updated"
  /** Here begins an object whose property `name` may be spelled in another way. */
  | "object"
  /** Here ends such an object. */
  | "objectEnd"
  /** Here begins what stands behind `in`: an object with keys, or what was taken for one. */
  | "keyed"
  /** Here ends it. */
  | "keyedEnd";

/** One use of a free name. */
export interface FreeName {
  readonly name: string;
  readonly use: Use;
  readonly start: number;
  readonly end: number;
}

/** What {@linkcode findFreeNames} finds. */
export interface FreeNames {
  /** In the order of the source. */
  readonly names: readonly FreeName[];
  /** Whether the expression awaits outside of any function in it. */
  readonly awaits: boolean;
}

/**
 * Finds the names in an expression that nothing in it declares: what the template has to supply.
 *
 * @param expression The syntax tree, with `preserveParens`.
 * @throws {ForbiddenSyntax} For imports and for names of the template system.
 */
export function findFreeNames(expression: acorn.AnyNode): FreeNames {
  const walk = new Walk();
  walk.visit(expression, undefined);
  const names = walk.found.sort((a, b) => a.start - b.start);
  return { names, awaits: walk.awaits };
}

/** The names of a pattern, by which it is bound: those that stand for a value, not a property. */
export function patternNames(pattern: acorn.AnyNode): string[] {
  const names: string[] = [];
  collectPattern(pattern, names);
  return names;
}

type FunctionNode = Extract<
  acorn.AnyNode,
  { type: "ArrowFunctionExpression" | "FunctionExpression" | "FunctionDeclaration" }
>;

/** The names that one stretch of code declares. */
interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

/** Values that a name cannot hide. */
const CONSTANTS = new Set(["undefined", "NaN", "Infinity"]);

class Walk {
  readonly found: FreeName[] = [];
  awaits = false;
  #functionDepth = 0;

  visit(node: acorn.AnyNode, scope: Scope | undefined): void {
    switch (node.type) {
      case "Identifier":
        return this.#use(node, "read", scope);
      case "UnaryExpression":
        return this.#unary(node, scope);
      case "MemberExpression":
        return this.#member(node, scope);
      case "BinaryExpression":
        checkOperator(node);
        return this.#binary(node, scope);
      case "CallExpression":
        checkArguments(node);
        return this.#children(node, scope);
      case "Property":
        return this.#property(node, scope);
      case "PropertyDefinition":
      case "MethodDefinition":
        return this.#classMember(node, scope);
      case "AssignmentExpression":
        return this.#assignment(node, scope);
      case "UpdateExpression":
        return this.#update(node, node.argument, scope);
      case "AwaitExpression":
        this.awaits ||= this.#functionDepth === 0;
        return this.#children(node, scope);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
      case "FunctionDeclaration":
        return this.#function(node, scope);
      case "ClassExpression":
      case "ClassDeclaration":
        return this.#children(node, inner(scope, node.id ? [node.id.name] : []), "id");
      case "BlockStatement":
      case "StaticBlock":
        return this.#children(node, inner(scope, lexicalNames(node.body)));
      case "ForStatement":
        return this.#children(node, inner(scope, lexicalNames([node.init])));
      case "ForInStatement":
      case "ForOfStatement":
        return this.#forEach(node, scope);
      case "SwitchStatement":
        return this.#children(
          node,
          inner(scope, lexicalNames(node.cases.flatMap((each) => each.consequent))),
        );
      case "CatchClause":
        return this.#catch(node, scope);
      case "VariableDeclarator":
        this.#target(node.id, scope);
        if (node.init) this.visit(node.init, scope);
        return;
      case "LabeledStatement":
        return this.visit(node.body, scope);
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "ImportExpression":
        throw new ForbiddenSyntax("Expressions cannot import", node.start);
      case "MetaProperty":
        if (node.meta.name === "import") {
          throw new ForbiddenSyntax("Expressions cannot import", node.start);
        }
        return;
      default:
        return this.#children(node, scope);
    }
  }

  #children(node: acorn.AnyNode, scope: Scope | undefined, skip?: string): void {
    for (const [key, value] of Object.entries(node)) {
      if (key === skip) continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) this.visit(child, scope);
      }
    }
  }

  #use(node: acorn.Identifier, use: Use, scope: Scope | undefined): void {
    const { name, start, end } = node;
    checkName(node);
    if (declares(scope, name)) return;
    if (CONSTANTS.has(name)) {
      if (use === "write") throw new ForbiddenSyntax(`Cannot assign to ${name}`, start);
      return;
    }
    this.found.push({ name, use, start, end });
  }

  #binary(node: acorn.BinaryExpression, scope: Scope | undefined): void {
    if (node.operator !== "in") return this.#children(node, scope);
    const { left, right } = node;
    this.visit(left, scope);
    this.#marked("keyed", right, { name: "in", scope });
  }

  /** Marks the beginning and the end of an operand. */
  #marked(
    use: "object" | "keyed",
    node: acorn.AnyNode,
    { name, scope }: { name: string; scope: Scope | undefined },
  ): void {
    const { start, end } = node;
    this.found.push({ name, use, start, end: start });
    this.visit(node, scope);
    this.found.push({ name, use: `${use}End`, start: end, end });
  }

  #unary(node: acorn.UnaryExpression, scope: Scope | undefined): void {
    const operand = unwrap(node.argument);
    if (node.operator === "typeof" && operand.type === "Identifier") {
      return this.#use(operand, "typeof", scope);
    }
    this.visit(node.argument, scope);
  }

  #member(node: acorn.MemberExpression, scope: Scope | undefined): void {
    const name = snakeName(node);
    if (name === undefined) this.visit(node.object, scope);
    else this.#marked("object", node.object, { name, scope });
    if (node.computed) this.visit(node.property, scope);
  }

  #property(node: acorn.Property | acorn.AssignmentProperty, scope: Scope | undefined): void {
    if (node.computed) this.visit(node.key, scope);
    if (node.shorthand && node.value.type === "Identifier") {
      return this.#use(node.value, "shorthand", scope);
    }
    this.visit(node.value, scope);
  }

  #classMember(
    node: acorn.PropertyDefinition | acorn.MethodDefinition,
    scope: Scope | undefined,
  ): void {
    if (node.computed) this.visit(node.key, scope);
    if (!node.value) return;
    // A field's value runs in a function of its own, so it cannot await the template's promises.
    this.#functionDepth++;
    this.visit(node.value, scope);
    this.#functionDepth--;
  }

  #assignment(node: acorn.AssignmentExpression, scope: Scope | undefined): void {
    if (node.operator === "=") this.#target(node.left, scope);
    else this.#update(node, node.left, scope);
    this.visit(node.right, scope);
  }

  /** An assignment that reads its target first. */
  #update(
    node: acorn.AssignmentExpression | acorn.UpdateExpression,
    target: acorn.AnyNode,
    scope: Scope | undefined,
  ): void {
    const variable = unwrap(target);
    if (variable.type !== "Identifier") return this.visit(target, scope);
    const before = this.found.length;
    this.#use(variable, "write", scope);
    if (this.found.length === before) return;
    const { name } = variable;
    this.found.splice(before, 0, { name, use: "update", start: node.start, end: node.start });
    this.found.push({ name, use: "updated", start: node.end, end: node.end });
  }

  /** What stands on the left of `=`: names in it are assigned, not read. */
  #target(node: acorn.AnyNode, scope: Scope | undefined): void {
    switch (node.type) {
      case "Identifier":
        return this.#use(node, "write", scope);
      case "ParenthesizedExpression":
        return this.#target(node.expression, scope);
      case "ObjectPattern":
        return node.properties.forEach((each) => this.#target(each, scope));
      case "Property":
        if (node.computed) this.visit(node.key, scope);
        return this.#target(node.value, scope);
      case "ArrayPattern":
        return node.elements.forEach((each) => each && this.#target(each, scope));
      case "RestElement":
        return this.#target(node.argument, scope);
      case "AssignmentPattern":
        this.#target(node.left, scope);
        return this.visit(node.right, scope);
      default:
        return this.visit(node, scope);
    }
  }

  #function(
    node: FunctionNode,
    scope: Scope | undefined,
  ): void {
    const names = node.params.flatMap(patternNames);
    if (node.type !== "ArrowFunctionExpression") names.push("arguments");
    if (node.id) names.push(node.id.name);
    if (node.body.type === "BlockStatement") collectVars(node.body, names);
    const own = inner(scope, names);
    this.#functionDepth++;
    for (const parameter of node.params) this.#target(parameter, own);
    this.visit(node.body, own);
    this.#functionDepth--;
  }

  #forEach(node: acorn.ForInStatement | acorn.ForOfStatement, scope: Scope | undefined): void {
    const own = inner(scope, lexicalNames([node.left]));
    if (node.left.type === "VariableDeclaration") this.visit(node.left, own);
    else this.#target(node.left, own);
    this.visit(node.right, own);
    this.visit(node.body, own);
  }

  #catch(node: acorn.CatchClause, scope: Scope | undefined): void {
    const own = inner(scope, node.param ? patternNames(node.param) : []);
    if (node.param) this.#target(node.param, own);
    this.visit(node.body, own);
  }
}

function inner(outer: Scope | undefined, names: readonly string[]): Scope | undefined {
  return names.length === 0 ? outer : { names: new Set(names), outer };
}

function declares(scope: Scope | undefined, name: string): boolean {
  for (let each = scope; each !== undefined; each = each.outer) {
    if (each.names.has(name)) return true;
  }
  return false;
}

function unwrap(node: acorn.AnyNode): acorn.AnyNode {
  let bare = node;
  while (bare.type === "ParenthesizedExpression") bare = bare.expression;
  return bare;
}

/**
 * The name of a property in Python's spelling, which a mistake may be behind. Objects that may end an
 * optional chain stay as they are.
 */
function snakeName({ object, property, computed }: acorn.MemberExpression): string | undefined {
  if (computed || property.type !== "Identifier" || !/[A-Za-z\d]_+[a-z\d]/.test(property.name)) {
    return undefined;
  }
  return object.type === "Super" || isOptional(object) ? undefined : property.name;
}

function isOptional(node: acorn.AnyNode): boolean {
  if (node.type === "CallExpression") return node.optional || isOptional(node.callee);
  return node.type === "MemberExpression" && (node.optional || isOptional(node.object));
}

function isNode(value: unknown): value is acorn.AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function checkName(node: acorn.Identifier): void {
  if (/^_tt(?:_|$)/.test(node.name)) {
    throw new ForbiddenSyntax(`"${node.name}" is reserved for the template system`, node.start);
  }
}

function collectPattern(node: acorn.AnyNode, names: string[]): void {
  switch (node.type) {
    case "Identifier":
      checkName(node);
      names.push(node.name);
      return;
    case "ObjectPattern":
      return node.properties.forEach((each) => collectPattern(each, names));
    case "Property":
      return collectPattern(node.value, names);
    case "ArrayPattern":
      return node.elements.forEach((each) => each && collectPattern(each, names));
    case "RestElement":
      return collectPattern(node.argument, names);
    case "AssignmentPattern":
      return collectPattern(node.left, names);
  }
}

/** The names that statements declare for the block they stand in. */
function lexicalNames(statements: readonly (acorn.AnyNode | null | undefined)[]): string[] {
  return statements.flatMap((statement) => {
    if (!statement) return [];
    if (statement.type === "VariableDeclaration") {
      return statement.declarations.flatMap((each) => patternNames(each.id));
    }
    const named = statement.type === "FunctionDeclaration" ||
      statement.type === "ClassDeclaration";
    return named && statement.id ? [statement.id.name] : [];
  });
}

/** The names that `var` declares for the whole function. */
function collectVars(node: acorn.AnyNode, names: string[]): void {
  if (/Function|Class/.test(node.type)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    for (const each of node.declarations) collectPattern(each.id, names);
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) collectVars(child, names);
    }
  }
}
