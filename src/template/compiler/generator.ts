import type { Expression } from "./expression.ts";
import {
  type FileResolver,
  type NamedBlock,
  type Page,
  resolveInheritance,
} from "../syntax/inheritance.ts";
import type {
  ApplyNode,
  BlockNode,
  ForNode,
  IfNode,
  ImportNode,
  IncludeNode,
  ModuleNode,
  PrintNode,
  TemplateFile,
  TemplateNode,
  TryNode,
  WhileNode,
} from "../syntax/nodes.ts";
import type { TemplatePlace } from "../template_error.ts";
import { Variables } from "./variables.ts";

/** A generated function, and what it refers to by number. */
export interface GeneratedCode {
  /** The source of a function of one {@linkcode Rendering}. */
  readonly code: string;
  /** Whether it is asynchronous. */
  readonly asynchronous: boolean;
  /** What its `at` counts. */
  readonly places: readonly TemplatePlace[];
  /** The escaping functions that have no name. */
  readonly escapers: readonly ((text: string) => string)[];
}

/** What to generate. */
export interface GeneratorOptions {
  /** Finds extended and included files. */
  readonly resolve: FileResolver;
  /** An asynchronous generator that yields the page piece by piece, instead of a function. */
  readonly streaming?: boolean;
}

/** Includes and blocks inside each other: deeper ones contain themselves. */
const MAX_NESTING = 100;

/** Included files and blocks in one page: more would be includes that multiply. */
const MAX_PARTS = 10_000;

/** A streamed page is sent on when this many characters have gathered, at the end of a loop's turn. */
const CHUNK_LENGTH = 4096;

/**
 * Generates the code of a template with all that it extends and includes.
 *
 * @param file The template.
 * @param options How, and where other files are.
 * @throws {ParseError} When a file is not found, or contains itself.
 */
export function generateCode(file: TemplateFile, options: GeneratorOptions): GeneratedCode {
  const page = resolveInheritance(file, options.resolve);
  return new Generator(page, options).generate();
}

class Generator {
  readonly #page: Page;
  readonly #resolve: FileResolver;
  readonly #streaming: boolean;
  readonly #variables = new Variables();
  readonly #places: TemplatePlace[] = [];
  readonly #placeIndex = new Map<string, number>();
  readonly #escapers: ((text: string) => string)[] = [];
  #file: TemplateFile;
  /** How the file was reached: the places of the tags that led to it, innermost first. */
  #via = "";
  #nesting = 0;
  #body = "";
  /** Text that is not written yet, so that neighbours become one string. */
  #text = "";
  #awaits = false;
  #defers = false;
  #parts = 0;
  #counter = 0;
  /** Open `{% apply %}` blocks, each of which renders into a variable of its own. */
  #applying = 0;

  constructor(page: Page, options: GeneratorOptions) {
    this.#page = page;
    this.#file = page.root;
    this.#resolve = options.resolve;
    this.#streaming = options.streaming ?? false;
  }

  generate(): GeneratedCode {
    this.#nodes(this.#page.root.body);
    this.#flushText();
    return {
      code: this.#function(),
      asynchronous: this.#awaits,
      places: this.#places,
      escapers: this.#escapers,
    };
  }

  #function(): string {
    const variables = ['_tt_o=""', ...this.#variables.declared.map((name) => `${name}=_tt_u`)];
    const start = `const _tt_u=_tt_r.unset;let ${variables.join(",")};\n`;
    if (this.#streaming) {
      return `async function* stream(_tt_r){${start}${this.#body}if(_tt_o!=="")yield _tt_o;}`;
    }
    const end = this.#defers ? "return _tt_r.finish(_tt_o);" : "return _tt_o;";
    return `${this.#awaits ? "async " : ""}function render(_tt_r){${start}${this.#body}${end}}`;
  }

  #nodes(nodes: readonly TemplateNode[]): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: TemplateNode): void {
    switch (node.type) {
      case "text":
        this.#text += node.text;
        return;
      case "print":
        return this.#print(node);
      case "module":
        return this.#module(node);
      case "set":
        // In parentheses, since an object pattern would look like a block.
        return this.#statement(node.expression, `(${this.#resolved(node.expression)});`);
      case "import":
        return this.#import(node);
      case "if":
        return this.#if(node);
      case "for":
        return this.#for(node);
      case "while":
        return this.#while(node);
      case "try":
        return this.#try(node);
      case "apply":
        return this.#apply(node);
      case "block":
        return this.#block(node);
      case "include":
        return this.#include(node);
      case "break":
      case "continue":
        return this.#emit(`${node.type};\n`);
    }
  }

  #print({ expression, raw }: PrintNode): void {
    const value = this.#resolved(expression);
    this.#statement(
      expression,
      `${this.#output}+=${raw ? `_tt_r.print(${value})` : this.#escaped(value)};`,
    );
  }

  #escaped(value: string): string {
    const { escaper } = this.#file;
    switch (escaper.kind) {
      case "xhtml":
        return `_tt_r.escape(${value})`;
      case "none":
        return `_tt_r.print(${value})`;
      case "named":
        return `_tt_r.print((${this.#resolved(escaper.expression)})(_tt_r.print(${value})))`;
      case "function":
        return `_tt_r.escapeBy(${this.#escaperIndex(escaper.escape)},${value})`;
    }
  }

  #escaperIndex(escape: (text: string) => string): number {
    const index = this.#escapers.indexOf(escape);
    return index === -1 ? this.#escapers.push(escape) - 1 : index;
  }

  #module({ expression }: ModuleNode): void {
    const call = this.#variables.resolveModule(expression);
    this.#awaits ||= expression.awaits;
    if (this.#streaming && this.#applying === 0) {
      return this.#statement(expression, `_tt_o+=_tt_r.print(await ${call});`, { awaits: true });
    }
    if (this.#applying > 0) {
      return this.#statement(expression, `${this.#output}+=_tt_r.print(${call});`);
    }
    this.#defers = true;
    this.#statement(expression, `_tt_o=_tt_r.append(_tt_o,${call});`);
  }

  #import({ module, bindings, line }: ImportNode): void {
    this.#at(line);
    for (const { variable, imported } of bindings) {
      const args = [module, ...(imported === undefined ? [] : [imported])];
      const call = `_tt_r.import(${args.map((each) => JSON.stringify(each)).join(",")})`;
      this.#emit(`${this.#variables.assignTo(variable)}=${call};\n`);
    }
  }

  #if({ branches, otherwise }: IfNode): void {
    let head = "if";
    this.#yieldBefore(branches.some(({ condition }) => condition.awaits));
    for (const { condition, body } of branches) {
      this.#emit(`${head}(${this.#placed(condition)}){`);
      this.#nested(body);
      head = "}else if";
    }
    this.#emit("}else{");
    this.#nested(otherwise);
    this.#emit("}\n");
  }

  #for({ target, values, awaits, body }: ForNode): void {
    this.#awaits ||= awaits;
    const list = `_tt_i${this.#counter++}`;
    const iterate = awaits ? "iterateAsync" : "iterate";
    // A variable of its own, since the values may name what the loop's variable is called.
    this.#yieldBefore(values.awaits || awaits);
    this.#emit(`{const ${list}=_tt_r.${iterate}(${this.#placed(values)});`);
    this.#variables.within(target.variables, () => {
      this.#emit(`for${awaits ? " await" : ""}(let ${this.#resolved(target)} of ${list}){`);
      this.#nested(body);
      if (awaits) this.#yieldBefore(true);
      else this.#yieldIfLong();
    });
    this.#emit("}}\n");
  }

  #while({ condition, body }: WhileNode): void {
    this.#yieldBefore(condition.awaits);
    this.#emit(`while(${this.#placed(condition)}){`);
    this.#nested(body);
    this.#yieldIfLong();
    this.#emit("}\n");
  }

  #try({ body, handler, otherwise, finalizer }: TryNode): void {
    const passed = `_tt_p${this.#counter++}`;
    if (finalizer !== undefined) this.#emit("try{");
    if (handler !== undefined) this.#emit(`let ${passed}=false;try{`);
    this.#nested(body);
    if (handler !== undefined) {
      this.#emit(`${passed}=true;}catch${handler.variable ? `(${handler.variable})` : ""}{`);
      this.#variables.within(handler.variable ? [handler.variable] : [], () => {
        this.#nested(handler.body);
      });
      this.#emit(`}if(${passed}){`);
      this.#nested(otherwise ?? []);
      this.#emit("}");
    }
    if (finalizer !== undefined) {
      this.#emit("}finally{");
      this.#nested(finalizer);
      this.#emit("}");
    }
    this.#emit("\n");
  }

  #apply({ function: method, body }: ApplyNode): void {
    this.#flushText();
    this.#applying++;
    const inside = this.#output;
    this.#emit(`{let ${inside}="";`);
    this.#nested(body);
    this.#applying--;
    this.#statement(
      method,
      `${this.#output}+=_tt_r.print((${this.#resolved(method)})(${inside}));`,
    );
    this.#emit("}\n");
  }

  #block(node: BlockNode): void {
    const block: NamedBlock = this.#page.blocks.get(node.name) ?? { node, file: this.#file };
    this.#enter(block.file, node.line, () => this.#nodes(block.node.body));
  }

  #include(node: IncludeNode): void {
    const file = this.#resolve(node.name, this.#file, node.line);
    if (file.parent !== undefined) {
      throw this.#file.source.error(
        `Cannot include "${node.name}": it extends another template`,
        node.line,
        { hint: `Write {% module Template("${node.name}") %}` },
      );
    }
    this.#enter(file, node.line, () => this.#nodes(file.body));
  }

  #enter(file: TemplateFile, line: number, generate: () => void): void {
    const outer = this.#file;
    if (++this.#parts > MAX_PARTS) {
      throw outer.source.error(`More than ${MAX_PARTS} blocks and includes in one page`, line, {
        hint: "Write a loop in place of many includes",
      });
    }
    if (++this.#nesting > MAX_NESTING) {
      throw outer.source.error("Blocks and includes contain each other", line, {
        hint: "Take one of them out",
      });
    }
    const via = this.#via;
    this.#via = `${outer.source.name}:${line}${via === "" ? "" : `, ${via}`}`;
    this.#file = file;
    generate();
    this.#file = outer;
    this.#via = via;
    this.#nesting--;
  }

  /** The body of a block of the generated code: its text must not leave it. */
  #nested(nodes: readonly TemplateNode[]): void {
    this.#nodes(nodes);
    this.#flushText();
  }

  /** A statement that evaluates an expression, which may fail or wait. */
  #statement(expression: Expression, code: string, { awaits = expression.awaits } = {}): void {
    this.#yieldBefore(awaits);
    this.#at(expression.line);
    this.#emit(`${code}\n`);
  }

  /** The code of an expression inside a statement, which notes its place first. */
  #placed(expression: Expression): string {
    return `(_tt_r.at=${this.#place(expression.line)},${this.#resolved(expression)})`;
  }

  #resolved(expression: Expression): string {
    this.#awaits ||= expression.awaits;
    return this.#variables.resolve(expression);
  }

  /** The variable into which the page, or the innermost `{% apply %}`, is rendered. */
  get #output(): string {
    return this.#applying === 0 ? "_tt_o" : `_tt_o${this.#applying}`;
  }

  #emit(code: string): void {
    this.#flushText();
    this.#body += code;
  }

  #flushText(): void {
    if (this.#text === "") return;
    this.#body += `${this.#output}+=${JSON.stringify(this.#text)};\n`;
    this.#text = "";
  }

  /** What is ready is sent before the page waits. */
  #yieldBefore(awaits: boolean): void {
    if (!this.#streaming || !awaits || this.#applying > 0) return;
    this.#emit(`if(_tt_o!==""){yield _tt_o;_tt_o="";}`);
  }

  #yieldIfLong(): void {
    if (!this.#streaming || this.#applying > 0) return;
    this.#emit(`if(_tt_o.length>${CHUNK_LENGTH}){yield _tt_o;_tt_o="";}`);
  }

  #at(line: number): void {
    this.#emit(`_tt_r.at=${this.#place(line)};`);
  }

  #place(line: number): number {
    const { source } = this.#file;
    const key = `${line}:${source.name}:${this.#via}`;
    const known = this.#placeIndex.get(key);
    if (known !== undefined) return known;
    const index = this.#places.push([source.name, line, source.line(line).trim(), this.#via]) - 1;
    this.#placeIndex.set(key, index);
    return index;
  }
}
