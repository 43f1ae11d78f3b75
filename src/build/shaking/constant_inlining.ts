/** Constants in the place of the variables that hold them. */
import { type AnyNode, parseModule, walk } from "./syntax_tree.ts";
import { constantOf } from "./used_names.ts";
import { edited, type TextEdit } from "./text_edits.ts";

/**
 * Puts the value of a variable that holds `true`, `false`, `null` or `undefined` and is never set again
 * wherever the variable is read. A name that is declared more than once in the module stays.
 *
 * @param text A module.
 */
export function inlineConstants(text: string): string {
  const variables = new Variables();
  walk(parseModule(text), (node) => variables.take(node));
  return edited(text, variables.edits());
}

/** What a module says of its variables. */
class Variables {
  readonly #declared = new Map<string, number>();
  readonly #set = new Set<string>();
  readonly #values = new Map<string, string>();
  /** Identifiers that read no variable: keys, labels, names that are declared. */
  readonly #others = new WeakSet<AnyNode>();
  readonly #reads: { readonly name: string; readonly edit: (value: string) => TextEdit }[] = [];

  /** The edits that put the values in. */
  edits(): TextEdit[] {
    return this.#reads.flatMap(({ name, edit }) => {
      const value = this.#values.get(name);
      const isConstant = value !== undefined && this.#declared.get(name) === 1 &&
        !this.#set.has(name);
      return isConstant ? [edit(value)] : [];
    });
  }

  /** Nodes come from the outside in. */
  take(node: AnyNode): void {
    switch (node.type) {
      case "VariableDeclarator":
        return this.#takeDeclarator(node);
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        if (node.type !== "ArrowFunctionExpression" && node.id) this.#declare(node.id);
        return node.params.forEach((param) => this.#declare(param));
      case "ClassDeclaration":
      case "ClassExpression":
        return node.id ? this.#declare(node.id) : undefined;
      case "CatchClause":
        return node.param ? this.#declare(node.param) : undefined;
      case "ImportDeclaration":
        return node.specifiers.forEach((each) => this.#declare(each.local));
      case "AssignmentExpression":
        return this.#setAll(node.left);
      case "UpdateExpression":
        return this.#setAll(node.argument);
      case "ForInStatement":
      case "ForOfStatement":
        // The variable of a loop has no value of its own.
        return this.#setAll(node.left);
      case "MemberExpression":
        if (!node.computed) this.#others.add(node.property);
        return;
      case "Property":
        return this.#takeProperty(node);
      case "MethodDefinition":
      case "PropertyDefinition":
        if (!node.computed) this.#others.add(node.key);
        return;
      case "ExportSpecifier":
      case "ImportSpecifier":
        for (const each of Object.values(node)) if (isIdentifier(each)) this.#others.add(each);
        return;
      case "LabeledStatement":
      case "BreakStatement":
      case "ContinueStatement":
        if (node.label) this.#others.add(node.label);
        return;
      case "Identifier":
        return this.#takeIdentifier(node);
    }
  }

  #takeDeclarator({ id, init }: Extract<AnyNode, { type: "VariableDeclarator" }>): void {
    this.#declare(id);
    const value = init ? constantOf(init) : null;
    if (id.type === "Identifier" && value !== null) this.#values.set(id.name, value);
  }

  #takeProperty(node: Extract<AnyNode, { type: "Property" }>): void {
    if (!node.computed) this.#others.add(node.key);
    const { value }: { value: AnyNode } = node;
    if (!node.shorthand || value.type !== "Identifier") return;
    const { start, end } = node;
    const { name } = value;
    // In a pattern it is declared, or set.
    if (this.#others.has(value)) return;
    this.#others.add(value);
    this.#reads.push({ name, edit: (text) => ({ start, end, text: `${name}: ${text}` }) });
  }

  #takeIdentifier(node: Extract<AnyNode, { type: "Identifier" }>): void {
    if (this.#others.has(node)) return;
    const { name, start, end } = node;
    this.#reads.push({ name, edit: (text) => ({ start, end, text: `(${text})` }) });
  }

  /** Declares all names in a pattern. */
  #declare(pattern: AnyNode): void {
    for (const target of targetsIn(pattern)) {
      this.#others.add(target);
      this.#declared.set(target.name, (this.#declared.get(target.name) ?? 0) + 1);
    }
  }

  #setAll(pattern: AnyNode): void {
    for (const { name } of targetsIn(pattern)) this.#set.add(name);
  }
}

type Identifier = Extract<AnyNode, { type: "Identifier" }>;

/** The variables that a pattern gives a value to. */
function targetsIn(pattern: AnyNode): Identifier[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern];
    case "ObjectPattern":
      return pattern.properties.flatMap((each) =>
        targetsIn(each.type === "Property" ? each.value : each.argument)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => each === null ? [] : targetsIn(each));
    case "AssignmentPattern":
      return targetsIn(pattern.left);
    case "RestElement":
      return targetsIn(pattern.argument);
    case "VariableDeclaration":
      return pattern.declarations.flatMap(({ id }) => targetsIn(id));
    default:
      return [];
  }
}

function isIdentifier(value: unknown): value is Identifier {
  return Object(value).type === "Identifier";
}
