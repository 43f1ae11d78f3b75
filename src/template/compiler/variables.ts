import type { Expression } from "./expression.ts";
import type { FreeName } from "./free_names.ts";

/** Names that strict code cannot declare; they are looked up at every use. */
const UNDECLARABLE = new Set(["arguments", "eval"]);

/**
 * The variables of the generated function.
 *
 * A name of the namespace is looked up when it is first used, and kept in a variable of the same
 * name: so what a page does not use is never computed, and a loop does not look it up again. A
 * variable that `{% set %}` has not set yet falls back to the namespace.
 */
export class Variables {
  readonly #declared = new Set<string>();
  /** Names that enclosing loops and `catch` blocks declare, innermost last. */
  readonly #local: (readonly string[])[] = [];

  /** The variables to declare at the top of the function. */
  get declared(): readonly string[] {
    return [...this.#declared];
  }

  /** Generates something in which `names` are declared by the code itself. */
  within(names: readonly string[], generate: () => void): void {
    this.#local.push(names);
    generate();
    this.#local.pop();
  }

  /** The code that assigns to a variable of the function. */
  assignTo(name: string): string {
    if (!this.#isLocal(name)) this.#declared.add(name);
    return name;
  }

  /** The code of an expression, with its free names resolved. */
  resolve(expression: Expression): string {
    return this.#replaced(expression, (each) => this.#use(each));
  }

  /** The code of a call of a UI module, whose name is no variable. */
  resolveModule(expression: Expression): string {
    const { callee } = expression;
    return this.#replaced(expression, (each) => {
      return each === callee ? `_tt_r.module(${JSON.stringify(each.name)})` : this.#use(each);
    });
  }

  #replaced(expression: Expression, replace: (name: FreeName) => string): string {
    let code = "";
    let done = 0;
    for (const each of expression.names) {
      code += expression.code.slice(done, each.start) + replace(each);
      done = each.end;
    }
    code += expression.code.slice(done);
    // A comma would make two arguments of it.
    return expression.type === "SequenceExpression" ? `(${code})` : code;
  }

  #use({ name, use }: FreeName): string {
    if (use === "object") return "_tt_r.spelled(";
    if (use === "objectEnd") return `,${JSON.stringify(name)})`;
    if (use === "keyed") return "_tt_r.keyed(";
    if (use === "keyedEnd") return ")";
    if (this.#isLocal(name)) return use === "update" || use === "updated" ? "" : name;
    const get = `_tt_r.get("${name}")`;
    const peek = `_tt_r.peek("${name}")`;
    if (UNDECLARABLE.has(name)) return use === "typeof" ? peek : keyed(name, use, get);
    this.#declared.add(name);
    switch (use) {
      case "read":
      case "shorthand":
        return keyed(name, use, `(${name}===_tt_u?${name}=${get}:${name})`);
      case "typeof":
        return `(${name}===_tt_u?${peek}:${name})`;
      case "write":
        return name;
      case "update":
        return `(${name}===_tt_u&&(${name}=${get}),`;
      case "updated":
        return ")";
    }
  }

  #isLocal(name: string): boolean {
    return this.#local.some((names) => names.includes(name));
  }
}

/** In `{ name }` the value needs its key; a plain `__proto__:` would set the prototype. */
function keyed(name: string, use: FreeName["use"], value: string): string {
  return use === "shorthand" ? `["${name}"]:${value}` : value;
}
