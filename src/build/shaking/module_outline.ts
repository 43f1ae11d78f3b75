/** What a module of the library consists of, as far as it can be left out. */
import { type AnyNode, keyName, parseModule, type Program } from "./syntax_tree.ts";
import { namesIn, namesInTexts, NO_NAMES, type UsedNames } from "./used_names.ts";

/** A stretch of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A declaration at the top of a module, or a member of a class there. */
export interface Unit extends Span {
  /** Its name; that of a private member begins with `#`. */
  readonly name: string;
  readonly names: UsedNames;
  /** What it is a member of, by name: a class, or the object that a function makes. */
  readonly owner?: string;
  readonly isStatic?: boolean;
  /** Of a class: whether it extends anything. */
  readonly isDerived?: boolean;
  /** Of a class: the name of what it extends. */
  readonly base?: string;
  /** Of a class: where its body ends. */
  readonly bodyEnd?: number;
  /** Of a statement that a class runs when it is defined: the variable that it sets. */
  readonly sets?: string;
  /** What has to stand in its place, if not nothing. */
  readonly blank?: string;
}

/** An import or an export that leads to another module. */
export interface Link extends Span {
  /** The statement that it stands in. */
  readonly statement: Span;
  /** The name in this module: of an import the local one, of an export the exported one. */
  readonly local: string;
  /** The name in the other module; `"*"` for all of it. */
  readonly name: string;
  /** The other module; `null` for this one, in a list of exports. */
  readonly from: string | null;
}

/** A statement that brings another module along whatever is used of it. */
export interface Whole {
  readonly from: string;
  /** Whether it exports all of it. */
  readonly exportsAll: boolean;
}

/** See {@linkcode outlineOf}. */
export interface ModuleOutline {
  readonly units: readonly Unit[];
  readonly imports: readonly Link[];
  readonly exports: readonly Link[];
  readonly wholes: readonly Whole[];
  /** What stands at the top and is no declaration. */
  readonly loose: UsedNames;
}

/**
 * Outlines a module.
 *
 * @param text Its JavaScript.
 * @param options Whether its texts become code, and the functions that make an object whose members are
 *   only reached by their names.
 */
export function outlineOf(
  text: string,
  { writesCode, objectMakers = new Set() }: {
    readonly writesCode: boolean;
    readonly objectMakers?: ReadonlySet<string>;
  },
): ModuleOutline {
  return outlineOfProgram(parseModule(text), { writesCode, objectMakers });
}

/** The same of a module that was parsed. */
export function outlineOfProgram(
  program: Program,
  { writesCode, objectMakers }: {
    readonly writesCode: boolean;
    readonly objectMakers: ReadonlySet<string>;
  },
): ModuleOutline {
  const outliner = new Outliner(writesCode, objectMakers);
  for (const statement of program.body) outliner.take(statement);
  return outliner.outline;
}

class Outliner {
  readonly #units: Unit[] = [];
  readonly #imports: Link[] = [];
  readonly #exports: Link[] = [];
  readonly #wholes: Whole[] = [];
  readonly #loose: AnyNode[] = [];
  readonly #writesCode: boolean;

  readonly #objectMakers: ReadonlySet<string>;

  constructor(writesCode: boolean, objectMakers: ReadonlySet<string>) {
    this.#writesCode = writesCode;
    this.#objectMakers = objectMakers;
  }

  get outline(): ModuleOutline {
    return {
      units: this.#units,
      imports: this.#imports,
      exports: this.#exports,
      wholes: this.#wholes,
      loose: this.#namesIn(this.#loose),
    };
  }

  take(statement: AnyNode): void {
    switch (statement.type) {
      case "ImportDeclaration":
        return this.#takeImport(statement);
      case "ExportNamedDeclaration":
        if (statement.declaration) {
          return this.#declare(statement.declaration, statement);
        }
        return this.#takeExports(statement);
      case "ExportAllDeclaration":
        return this.#takeAll(statement);
      default:
        return this.#declare(statement, statement);
    }
  }

  #takeImport(
    statement: Extract<AnyNode, { type: "ImportDeclaration" }>,
  ): void {
    const from = String(statement.source.value);
    if (statement.specifiers.length === 0) {
      this.#wholes.push({ from, exportsAll: false });
    }
    for (const specifier of statement.specifiers) {
      const name = specifier.type === "ImportSpecifier"
        ? keyName(specifier.imported, false) ?? ""
        : specifier.type === "ImportDefaultSpecifier"
        ? "default"
        : "*";
      const local = specifier.local.name;
      this.#imports.push({
        ...spanOf(specifier),
        statement: spanOf(statement),
        local,
        name,
        from,
      });
    }
  }

  #takeExports(
    statement: Extract<AnyNode, { type: "ExportNamedDeclaration" }>,
  ): void {
    const from = statement.source ? String(statement.source.value) : null;
    for (const specifier of statement.specifiers) {
      const [name, local] = [specifier.local, specifier.exported]
        .map((each) => keyName(each, false) ?? "");
      this.#exports.push({
        ...spanOf(specifier),
        statement: spanOf(statement),
        local: local ?? "",
        name: name ?? "",
        from,
      });
    }
  }

  #takeAll(
    statement: Extract<AnyNode, { type: "ExportAllDeclaration" }>,
  ): void {
    const from = String(statement.source.value);
    if (statement.exported === null || statement.exported === undefined) {
      this.#wholes.push({ from, exportsAll: true });
      return;
    }
    const local = keyName(statement.exported, false) ?? "";
    const span = spanOf(statement);
    this.#exports.push({ ...span, statement: span, local, name: "*", from });
  }

  /** @param whole What goes when the declaration goes: with `export` before it. */
  #declare(node: AnyNode, whole: AnyNode): void {
    if (node.type === "FunctionDeclaration" && node.id) {
      const body = this.#objectMakers.has(node.id.name)
        ? node.body.body.flatMap((each) => this.#takeObject(each, node.id.name))
        : [node.body];
      const names = this.#namesIn([...node.params, ...body]);
      this.#units.push({ ...spanOf(whole), name: node.id.name, names });
    } else if (node.type === "ClassDeclaration" && node.id) {
      this.#declareClass(node, node.id.name, spanOf(whole));
    } else if (node.type === "VariableDeclaration") {
      for (const declarator of node.declarations) {
        const alone = node.declarations.length === 1;
        this.#declareVariable(
          declarator,
          alone ? { ...spanOf(whole) } : undefined,
        );
      }
    } else this.#loose.push(node);
  }

  /** The members of an object that a statement returns may be left out; gives what else is in it. */
  #takeObject(statement: AnyNode, owner: string): AnyNode[] {
    const object = statement.type === "ReturnStatement" ? statement.argument : null;
    if (object?.type !== "ObjectExpression") return [statement];
    return object.properties.filter((property, index) => {
      const name = property.type === "Property" ? keyName(property.key, property.computed) : null;
      if (property.type !== "Property" || name === null) return true;
      const end = object.properties[index + 1]?.start ?? object.end - 1;
      const names = this.#namesIn([property.value]);
      this.#units.push({ start: property.start, end, name, names, owner });
      return false;
    });
  }

  /** @param whole The statement, where the variable is the only one of it. */
  #declareVariable(
    declarator: Extract<AnyNode, { type: "VariableDeclarator" }>,
    whole: Span | undefined,
  ): void {
    const { id, init } = declarator;
    if (id.type !== "Identifier" || whole === undefined && !init) {
      return void this.#loose.push(declarator);
    }
    const { name } = id;
    const place = whole ?? { ...spanOf(init ?? declarator), blank: "0" };
    if (init?.type !== "ClassExpression") {
      this.#units.push({
        ...place,
        name,
        names: this.#namesIn(init ? [init] : []),
      });
      return;
    }
    this.#declareClass(init, name, place);
    // Within, the class is called by a name of its own.
    if (init.id && init.id.name !== name) {
      const names = { ...NO_NAMES, bindings: [name] };
      this.#units.push({
        start: place.end,
        end: place.end,
        name: init.id.name,
        names,
      });
    }
  }

  #declareClass(
    node: Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>,
    name: string,
    place: Span & { readonly blank?: string },
  ): void {
    const always: AnyNode[] = node.superClass ? [node.superClass] : [];
    for (const member of node.body.body) {
      const key = "key" in member && member.key ? keyName(member.key, member.computed) : null;
      if (
        member.type === "MethodDefinition" && member.kind !== "constructor" &&
        key !== null
      ) {
        this.#units.push({
          ...spanOf(member),
          name: key,
          names: this.#namesIn([member.value]),
          owner: name,
          isStatic: member.static,
        });
      } else if (member.type === "StaticBlock") {
        always.push(...this.#takeBlock(member, name));
      } else always.push(member);
    }
    this.#units.push({
      ...place,
      name,
      names: this.#namesIn(always),
      bodyEnd: node.body.end - 1,
      isDerived: Boolean(node.superClass),
      ...(node.superClass?.type === "Identifier" &&
        { base: node.superClass.name }),
    });
  }

  /** Variables that a class sets may be left out; gives the other statements. */
  #takeBlock(
    block: Extract<AnyNode, { type: "StaticBlock" }>,
    owner: string,
  ): AnyNode[] {
    return block.body.filter((statement) => {
      const setting = settingIn(statement);
      if (setting === null) return true;
      const { name, value } = setting;
      const names = this.#namesIn([value]);
      this.#units.push({
        ...spanOf(statement),
        name: `=${name}`,
        names,
        owner,
        sets: name,
      });
      return false;
    });
  }

  #namesIn(nodes: readonly AnyNode[]): UsedNames {
    const names = namesIn(nodes);
    if (!this.#writesCode) return names;
    return { ...names, members: [...names.members, ...namesInTexts(nodes)] };
  }
}

/** `name = value;` where the value does nothing by itself. */
function settingIn(
  statement: AnyNode,
): { readonly name: string; readonly value: AnyNode } | null {
  if (statement.type !== "ExpressionStatement") return null;
  const { expression }: { expression: AnyNode } = statement;
  if (
    expression.type !== "AssignmentExpression" || expression.operator !== "="
  ) return null;
  const { left, right }: { left: AnyNode; right: AnyNode } = expression;
  const isPlain = right.type === "ArrowFunctionExpression" ||
    right.type === "FunctionExpression";
  return left.type === "Identifier" && isPlain ? { name: left.name, value: right } : null;
}

function spanOf({ start, end }: AnyNode): Span {
  return { start, end };
}
