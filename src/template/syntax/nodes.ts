import type { Expression, Target } from "../compiler/expression.ts";
import type { SourceText } from "./source_text.ts";

/** How a file escapes what `{{ }}` prints. */
export type Escaper =
  /** The HTML escaper. */
  | { readonly kind: "xhtml" }
  /** None. */
  | { readonly kind: "none" }
  /** A function of the namespace. */
  | { readonly kind: "named"; readonly expression: Expression }
  /** A function handed to the template or its loader. */
  | { readonly kind: "function"; readonly escape: (text: string) => string };

/** One parsed template file. */
export interface TemplateFile {
  readonly source: SourceText;
  readonly escaper: Escaper;
  /** The template it extends. */
  readonly parent: ParentNode | undefined;
  readonly body: readonly TemplateNode[];
}

/** `{% extends %}`. */
export interface ParentNode {
  readonly name: string;
  readonly line: number;
}

/** Text, its white space already filtered. */
export interface TextNode {
  readonly type: "text";
  readonly text: string;
}

/** `{{ expression }}` or `{% raw expression %}`. */
export interface PrintNode {
  readonly type: "print";
  readonly expression: Expression;
  readonly raw: boolean;
}

/** `{% module Name(arguments) %}`. */
export interface ModuleNode {
  readonly type: "module";
  readonly expression: Expression;
}

/** `{% set assignment %}`. */
export interface SetNode {
  readonly type: "set";
  readonly expression: Expression;
}

/** `{% import %}` and `{% from … import %}`. */
export interface ImportNode {
  readonly type: "import";
  readonly module: string;
  readonly bindings: readonly ImportBinding[];
  readonly line: number;
}

/** One variable that an import sets. */
export interface ImportBinding {
  readonly variable: string;
  /** The name it has in the module; `undefined` for the module itself. */
  readonly imported: string | undefined;
}

/** One condition of `{% if %}` and what it guards. */
export interface Branch {
  readonly condition: Expression;
  readonly body: readonly TemplateNode[];
}

/** `{% if %}`, `{% elif %}`, `{% else %}`. */
export interface IfNode {
  readonly type: "if";
  readonly branches: readonly Branch[];
  readonly otherwise: readonly TemplateNode[];
}

/** `{% for target in values %}`. */
export interface ForNode {
  readonly type: "for";
  readonly target: Target;
  readonly values: Expression;
  /** For `{% for await %}`. */
  readonly awaits: boolean;
  readonly body: readonly TemplateNode[];
}

/** `{% while condition %}`. */
export interface WhileNode {
  readonly type: "while";
  readonly condition: Expression;
  readonly body: readonly TemplateNode[];
}

/** `{% try %}`, `{% except %}`, `{% else %}`, `{% finally %}`. */
export interface TryNode {
  readonly type: "try";
  readonly body: readonly TemplateNode[];
  readonly handler: Handler | undefined;
  readonly otherwise: readonly TemplateNode[] | undefined;
  readonly finalizer: readonly TemplateNode[] | undefined;
}

/** `{% except variable %}`. */
export interface Handler {
  readonly variable: string | undefined;
  readonly body: readonly TemplateNode[];
}

/** `{% apply function %}`. */
export interface ApplyNode {
  readonly type: "apply";
  readonly function: Expression;
  readonly body: readonly TemplateNode[];
}

/** `{% block name %}`. */
export interface BlockNode {
  readonly type: "block";
  readonly name: string;
  readonly line: number;
  readonly body: readonly TemplateNode[];
}

/** `{% include "name" %}`. */
export interface IncludeNode {
  readonly type: "include";
  readonly name: string;
  readonly line: number;
}

/** `{% break %}` and `{% continue %}`. */
export interface JumpNode {
  readonly type: "break" | "continue";
}

/** One piece of a template's body. */
export type TemplateNode =
  | TextNode
  | PrintNode
  | ModuleNode
  | SetNode
  | ImportNode
  | IfNode
  | ForNode
  | WhileNode
  | TryNode
  | ApplyNode
  | BlockNode
  | IncludeNode
  | JumpNode;

/** The bodies that a node holds. */
export function bodiesOf(node: TemplateNode): readonly (readonly TemplateNode[])[] {
  switch (node.type) {
    case "if":
      return [...node.branches.map((branch) => branch.body), node.otherwise];
    case "for":
    case "while":
    case "apply":
    case "block":
      return [node.body];
    case "try":
      return [node.body, node.handler?.body ?? [], node.otherwise ?? [], node.finalizer ?? []];
    default:
      return [];
  }
}
