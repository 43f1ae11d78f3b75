import { type Expression, parseExpression, parseTarget } from "../compiler/expression.ts";
import { hintForOperator, usageOf } from "../hints/foreign_operators.ts";
import { readLoopHead } from "./loop_head.ts";
import { readImport } from "./import_statement.ts";
import { Lexer, type TagToken, type Token } from "./lexer.ts";
import type { Branch, Escaper, Handler, ParentNode, TemplateFile, TemplateNode } from "./nodes.ts";
import { countNewlines, type SourceText } from "./source_text.ts";
import { caughtVariable, tryPartProblem } from "./try_parts.ts";
import { filterText, isWhitespace, type Whitespace } from "./whitespace.ts";

/** How a file is read as long as its directives say nothing else. */
export interface ParserOptions {
  /** How `{{ }}` escapes: the name of a function, a function, or `null` for not at all. */
  readonly autoescape: string | null | ((text: string) => string);
  /** What happens to white space. */
  readonly whitespace: Whitespace;
}

/** Blocks in blocks: no page needs more, and the generated code nests as deep. */
const MAX_DEPTH = 200;

/** Which tags may stand inside which block, beside those that may stand anywhere. */
const INTERMEDIATE: ReadonlyMap<string, readonly string[]> = new Map([
  ["else", ["if", "try"]],
  ["elif", ["if"]],
  ["except", ["try"]],
  ["catch", ["try"]],
  ["finally", ["try"]],
]);

const TRY_ORDER =
  "Write {% try %}, {% except e %}, {% else %}, {% finally %} in this order, then {% end %}";

/** A file name, and what other languages have behind it: `"part.html" with x=1`. */
const FOLLOWED_NAME = /^(?:"[^"]*"|'[^']*'|[^\s"']+)\s+(?:with|only|ignore|without|as|,)/;

/** An open block. */
interface Block {
  readonly operator: string;
  readonly line: number;
  readonly inLoop: boolean;
  readonly depth: number;
}

/** A body, and the tag that ended it: `undefined` at the end of the file. */
interface Body {
  readonly nodes: readonly TemplateNode[];
  readonly stop: TagToken | undefined;
}

/** Turns the text of a template into its syntax tree. */
export class Parser {
  readonly #source: SourceText;
  readonly #tokens: readonly Token[];
  #next = 0;
  #whitespace: Whitespace;
  #escaper: Escaper;
  #parent: ParentNode | undefined;

  /**
   * @param source The template.
   * @param options How it is read as long as it says nothing else.
   * @throws {ParseError} When a directive is not closed or is empty.
   */
  constructor(source: SourceText, options: ParserOptions) {
    this.#source = source;
    this.#tokens = new Lexer(source).tokens();
    this.#whitespace = options.whitespace;
    this.#escaper = typeof options.autoescape === "function"
      ? { kind: "function", escape: options.autoescape }
      : this.#namedEscaper(options.autoescape, 1);
  }

  /**
   * Parses all of it.
   *
   * @throws {ParseError} At the first mistake.
   */
  parse(): TemplateFile {
    const { nodes } = this.#body(undefined);
    return {
      source: this.#source,
      escaper: this.#escaper,
      parent: this.#parent,
      body: nodes,
    };
  }

  #body(block: Block | undefined): Body {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#tokens[this.#next++];
      if (token === undefined) return this.#atEnd(block, nodes);
      if (token.kind === "text") {
        const text = filterText(this.#whitespace, token.text);
        if (text !== "") nodes.push({ type: "text", text });
      } else if (token.kind === "expression") {
        nodes.push({ type: "print", expression: this.#code(token.code, token.line), raw: false });
      } else if (this.#stops(token, block)) {
        return { nodes, stop: token };
      } else {
        const node = this.#tag(token, block);
        if (node !== undefined) nodes.push(node);
      }
    }
  }

  #atEnd(block: Block | undefined, nodes: readonly TemplateNode[]): Body {
    if (block === undefined) return { nodes, stop: undefined };
    throw this.#source.error(`Missing {% end %} block for ${block.operator}`, block.line, {
      hint: `Write {% end %} where the ${block.operator} ends`,
    });
  }

  /** Tells whether a tag ends the body it stands in. */
  #stops(tag: TagToken, block: Block | undefined): boolean {
    if (tag.operator === "end") {
      if (block === undefined) {
        throw this.#error(
          "Extra {% end %} block",
          tag,
          "Every block before it is closed: take it out, or write the tag that it shall close",
        );
      }
      return true;
    }
    const parents = INTERMEDIATE.get(tag.operator);
    if (parents === undefined) return false;
    if (block === undefined) {
      throw this.#error(
        `${tag.operator} outside ${parents.join(" or ")} block`,
        tag,
        `${usageOf(parents[0] ?? "if")}: every block before it is closed`,
      );
    }
    if (!parents.includes(block.operator)) {
      throw this.#error(
        `${tag.operator} block cannot be attached to ${block.operator} block`,
        tag,
        tag.operator === "else" && /^(?:for|while)$/.test(block.operator)
          ? "Test for emptiness with {% if %} around the loop"
          : `It belongs to ${
            parents.join(" or ")
          }: close the ${block.operator} before it with {% end %}`,
      );
    }
    return true;
  }

  #tag(tag: TagToken, block: Block | undefined): TemplateNode | undefined {
    switch (tag.operator) {
      case "comment":
        return undefined;
      case "extends":
        return this.#extends(tag, block);
      case "autoescape":
        return this.#autoescape(tag);
      case "whitespace":
        return this.#setWhitespace(tag);
      case "include":
        return { type: "include", name: this.#fileName(tag), line: tag.line };
      case "import":
      case "from":
        return this.#import(tag);
      case "raw":
        return {
          type: "print",
          expression: this.#suffix(tag, "raw missing expression"),
          raw: true,
        };
      case "module":
        return this.#module(tag);
      case "set":
        return this.#set(tag);
      case "apply":
        return this.#apply(tag, block);
      case "block":
        return this.#block(tag, block);
      case "if":
        return this.#if(tag, block);
      case "for":
        return this.#for(tag, block);
      case "while":
        return this.#while(tag, block);
      case "try":
        return this.#try(tag, block);
      case "break":
      case "continue":
        return this.#jump(tag, tag.operator, block);
      default:
        throw this.#error(
          `Unknown operator: "${tag.operator}"`,
          tag,
          hintForOperator(tag.operator),
        );
    }
  }

  #extends(tag: TagToken, block: Block | undefined): undefined {
    const name = this.#fileName(tag);
    if (block !== undefined) {
      throw this.#error(
        `extends cannot stand inside {% ${block.operator} %}`,
        tag,
        "Write it in the first line of the template",
      );
    }
    if (this.#parent !== undefined) {
      throw this.#error(
        "A template can extend only one other",
        tag,
        'Write {% include "part.html" %} for the second',
      );
    }
    this.#parent = { name, line: tag.line };
  }

  #autoescape(tag: TagToken): undefined {
    const name = tag.suffix.trim();
    if (name === "") {
      throw this.#error(
        "autoescape missing function name",
        tag,
        "Write {% autoescape xhtmlEscape %} or {% autoescape None %}",
      );
    }
    this.#escaper = this.#namedEscaper(/^(?:None|null|none)$/.test(name) ? null : name, tag.line);
  }

  #namedEscaper(name: string | null, line: number): Escaper {
    if (name === null) return { kind: "none" };
    if (/^(?:xhtml_escape|xhtmlEscape|escape)$/.test(name)) return { kind: "xhtml" };
    if (/^(?:on|off|true|false|True|False)$/.test(name)) {
      throw this.#source.error(`autoescape takes a function, but got "${name}"`, line, {
        hint: usageOf("autoescape"),
      });
    }
    return { kind: "named", expression: this.#code(name, line) };
  }

  #setWhitespace(tag: TagToken): undefined {
    const mode = tag.suffix.trim();
    if (!isWhitespace(mode)) {
      throw this.#error(
        `Invalid whitespace mode "${mode}"`,
        tag,
        'Write one of "all", "single", "oneline", without quotes',
      );
    }
    this.#whitespace = mode;
  }

  #import(tag: TagToken): TemplateNode {
    if (tag.suffix.trim() === "") {
      throw this.#error("import missing statement", tag, usageOf("import"));
    }
    const statement = readImport(tag.operator + tag.suffix);
    if (statement === undefined) {
      throw this.#error(
        `Invalid import "${(tag.operator + tag.suffix).trim()}"`,
        tag,
        'Write import { a, b } from "module", import module, or from module import a, b',
      );
    }
    for (const { variable } of statement.bindings) parseTarget(variable, this.#place(tag));
    return { type: "import", ...statement, line: tag.line };
  }

  #module(tag: TagToken): TemplateNode {
    const expression = this.#suffix(tag, "module missing name");
    if (expression.callee !== undefined) return { type: "module", expression };
    throw this.#error(
      `module needs a call, but got "${expression.code}"`,
      tag,
      "Write {% module Name(arguments) %}",
    );
  }

  #set(tag: TagToken): TemplateNode {
    const expression = this.#suffix(tag, "set missing statement");
    if (/^(?:Assignment|Update|Call|Await)Expression$/.test(expression.type)) {
      return { type: "set", expression };
    }
    throw this.#error(
      `set needs an assignment, but got "${expression.code}"`,
      tag,
      expression.type === "SequenceExpression"
        ? "Write {% set [a, b] = [1, 2] %}"
        : "Write {% set x = value %}",
    );
  }

  #apply(tag: TagToken, block: Block | undefined): TemplateNode {
    const method = this.#suffix(tag, "apply missing method name");
    const { nodes } = this.#blockBody(tag, block, false);
    return { type: "apply", function: method, body: nodes };
  }

  #block(tag: TagToken, block: Block | undefined): TemplateNode {
    const name = unquoted(tag.suffix);
    if (name === "") throw this.#error("block missing name", tag, usageOf("block"));
    const { nodes } = this.#blockBody(tag, block, block?.inLoop ?? false);
    return { type: "block", name, line: tag.line, body: nodes };
  }

  #if(tag: TagToken, block: Block | undefined): TemplateNode {
    const branches: Branch[] = [];
    let otherwise: readonly TemplateNode[] = [];
    let stop: TagToken | undefined = tag;
    let last: TagToken = tag;
    while (stop !== undefined && stop.operator !== "end") {
      this.#checkOrder(last, stop);
      last = stop;
      const condition = this.#condition(stop);
      const { nodes, stop: next } = this.#blockBody(tag, block, block?.inLoop ?? false);
      if (condition === undefined) otherwise = nodes;
      else branches.push({ condition, body: nodes });
      stop = next;
    }
    return { type: "if", branches, otherwise };
  }

  /** The condition of `if`, `elif` and `else if`; `undefined` for `else`. */
  #condition(tag: TagToken): Expression | undefined {
    if (tag.operator !== "else") return this.#test(tag, `${tag.operator} missing condition`);
    const elseIf = /^\s*if\b/.exec(tag.suffix);
    if (elseIf === null) {
      this.#noSuffix(tag, "Write {% elif condition %}");
      return undefined;
    }
    const start = elseIf[0].length;
    return this.#test({ ...tag, suffix: tag.suffix.slice(start) }, "else if missing condition");
  }

  /** A condition. One that assigns would hold whatever the variable was; in parentheses it is meant. */
  #test(tag: TagToken, missing: string): Expression {
    const condition = this.#suffix(tag, missing);
    if (condition.type !== "AssignmentExpression") return condition;
    throw this.#error(
      `${tag.operator} has an assignment for a condition`,
      tag,
      "Write === to compare; to assign, put parentheses around it",
    );
  }

  #checkOrder(before: TagToken, tag: TagToken): void {
    const elseIf = /^\s*if\b/.test(before.suffix);
    if (before.operator === "else" && !elseIf) {
      throw this.#error(
        `${tag.operator} block cannot follow else block`,
        tag,
        "Write {% else %} last, or {% end %} before a new {% if %}",
      );
    }
  }

  #for(tag: TagToken, block: Block | undefined): TemplateNode {
    const head = readLoopHead(tag.suffix);
    if (head === undefined) {
      throw this.#error(
        `for needs a variable and values, but got "${tag.suffix.trim()}"`,
        tag,
        "Write {% for x in xs %} or {% for [k, v] of entries %}",
      );
    }
    const target = parseTarget(head.target, this.#place(tag));
    const line = tag.suffixLine + countNewlines(tag.suffix, 0, head.valuesStart);
    const values = this.#code(head.values, line);
    const { nodes } = this.#blockBody(tag, block, true);
    return { type: "for", target, values, awaits: head.awaits, body: nodes };
  }

  #while(tag: TagToken, block: Block | undefined): TemplateNode {
    const condition = this.#test(tag, "while missing condition");
    const { nodes } = this.#blockBody(tag, block, true);
    return { type: "while", condition, body: nodes };
  }

  #try(tag: TagToken, block: Block | undefined): TemplateNode {
    this.#noSuffix(tag);
    const parts = new Map<string, readonly TemplateNode[]>();
    let variable: string | undefined;
    let stop: TagToken | undefined = tag;
    while (stop !== undefined && stop.operator !== "end") {
      const part = stop.operator === "catch" ? "except" : stop.operator;
      const problem = tryPartProblem(parts, part, stop.operator);
      if (problem !== undefined) throw this.#error(problem, stop, TRY_ORDER);
      if (part === "except") variable = this.#caught(stop);
      else if (stop !== tag) this.#noSuffix(stop);
      const { nodes, stop: next } = this.#blockBody(tag, block, block?.inLoop ?? false);
      parts.set(part, nodes);
      stop = next;
    }
    const caught = parts.get("except");
    const handler: Handler | undefined = caught && { variable, body: caught };
    const [otherwise, finalizer] = [parts.get("else"), parts.get("finally")];
    if (handler === undefined && finalizer === undefined) {
      throw this.#error("try block needs an except or a finally block", tag, TRY_ORDER);
    }
    return { type: "try", body: parts.get("try") ?? [], handler, otherwise, finalizer };
  }

  #caught(tag: TagToken): string | undefined {
    const variable = caughtVariable(tag.suffix);
    if (variable === undefined) {
      throw this.#error(
        `${tag.operator} catches every error, but got "${tag.suffix.trim()}"`,
        tag,
        "Write {% except e %} and test e instanceof SomeError inside",
      );
    }
    if (variable === "") return undefined;
    parseTarget(variable, this.#place(tag));
    return variable;
  }

  #jump(tag: TagToken, type: "break" | "continue", block: Block | undefined): TemplateNode {
    this.#noSuffix(tag);
    if (!block?.inLoop) {
      throw this.#error(
        `${type} outside for or while block`,
        tag,
        "Write it inside the loop, and not in an {% apply %} or a {% block %} of another file",
      );
    }
    return { type };
  }

  #blockBody(tag: TagToken, outer: Block | undefined, inLoop: boolean): Body {
    const depth = (outer?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) {
      throw this.#error(
        `Blocks are nested more than ${MAX_DEPTH} deep`,
        tag,
        "Move inner ones to files of their own and {% include %} them",
      );
    }
    return this.#body({ operator: tag.operator, line: tag.line, inLoop, depth });
  }

  #suffix(tag: TagToken, missing: string): Expression {
    if (tag.suffix.trim() === "") throw this.#error(missing, tag, usageOf(tag.operator));
    return this.#code(tag.suffix, tag.suffixLine);
  }

  #noSuffix(tag: TagToken, hint?: string): void {
    const rest = tag.suffix.trim();
    if (rest !== "") {
      throw this.#error(
        `${tag.operator} takes nothing, but got "${rest}"`,
        tag,
        hint ?? usageOf(tag.operator),
      );
    }
  }

  #code(code: string, line: number): Expression {
    return parseExpression(code, { file: this.#source, line });
  }

  #place(tag: TagToken): { file: SourceText; line: number } {
    return { file: this.#source, line: tag.line };
  }

  #fileName(tag: TagToken): string {
    const name = unquoted(tag.suffix);
    if (name === "") {
      throw this.#error(`${tag.operator} missing file path`, tag, usageOf(tag.operator));
    }
    if (FOLLOWED_NAME.test(tag.suffix.trim())) {
      throw this.#error(
        `${tag.operator} takes one file path, but got "${tag.suffix.trim()}"`,
        tag,
        `Write {% module Template("part.html", { name: value }) %} to pass values`,
      );
    }
    return name;
  }

  #error(reason: string, tag: TagToken, hint: string): Error {
    return this.#source.error(reason, tag.line, { hint });
  }
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, "$2").trim();
}
