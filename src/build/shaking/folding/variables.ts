/** The variables of a module, and where each is read and set. */
import { type AnyNode, childrenOf, type FunctionNode, type NodeOf } from "../syntax_tree.ts";

type Identifier = NodeOf<"Identifier">;

/** How a variable comes to be. */
export type VariableKind =
  | "var"
  | "let"
  | "const"
  | "function"
  | "class"
  | "import"
  | "param"
  | "catch";

/** A variable, from its scope. */
export class Variable {
  readonly name: string;
  readonly kind: VariableKind;
  /** The nodes that declare it: a declarator, a function, a class, the specifier of an import. */
  readonly declarations: AnyNode[] = [];
  /** Where it is read. */
  readonly reads: Identifier[] = [];
  /** What sets it after it was declared: assignments, loops, patterns. */
  readonly writes: AnyNode[] = [];
  /** The names that it is exported by. */
  readonly exports: string[] = [];

  constructor(name: string, kind: VariableKind) {
    this.name = name;
    this.kind = kind;
  }

  /** What it holds and keeps holding, as far as the code says so by itself; `null` for nothing. */
  get value(): AnyNode | null | undefined {
    const [declaration, ...more] = this.declarations;
    const isGiven = this.kind === "param" || this.kind === "catch" || this.kind === "import";
    if (isGiven || this.writes.length > 0 || more.length > 0) return undefined;
    if (declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration") {
      return declaration;
    }
    if (declaration?.type !== "VariableDeclarator" || declaration.id.type !== "Identifier") {
      return undefined;
    }
    return declaration.init ?? null;
  }
}

class Scope {
  readonly parent: Scope | null;
  /** Whether `var` stays in it. */
  readonly isFunction: boolean;
  readonly variables = new Map<string, Variable>();

  constructor(parent: Scope | null, isFunction: boolean) {
    this.parent = parent;
    this.isFunction = isFunction;
  }

  find(name: string): Variable | undefined {
    return this.variables.get(name) ?? this.parent?.find(name);
  }

  declare(name: string, kind: VariableKind, declaration: AnyNode): Variable {
    if (kind === "var" && !this.isFunction && this.parent !== null) {
      return this.parent.declare(name, kind, declaration);
    }
    const variable = this.variables.get(name) ?? new Variable(name, kind);
    variable.declarations.push(declaration);
    this.variables.set(name, variable);
    return variable;
  }
}

/** A use that is looked up once all is declared. */
interface Use {
  readonly identifier: Identifier;
  readonly scope: Scope;
  /** What sets it; `null` if it is read. */
  readonly setBy: AnyNode | null;
  readonly isRead: boolean;
}

/** The variables of one module. */
export class Variables {
  readonly #top = new Scope(null, true);
  readonly #scopes: Scope[] = [this.#top];
  readonly #uses: Use[] = [];
  readonly #exported: [local: string, name: string][] = [];
  readonly #byIdentifier = new Map<AnyNode, Variable>();

  /** @param program The tree of the module. */
  constructor(program: AnyNode) {
    this.#visitAll(childrenOf(program), this.#top);
    for (const [local, name] of this.#exported) this.top(local)?.exports.push(name);
    for (const { identifier, scope, setBy, isRead } of this.#uses) {
      const variable = scope.find(identifier.name);
      if (variable === undefined) continue;
      this.#byIdentifier.set(identifier, variable);
      if (setBy !== null) variable.writes.push(setBy);
      if (isRead) variable.reads.push(identifier);
    }
  }

  /** Them all. */
  get all(): readonly Variable[] {
    return this.#scopes.flatMap(({ variables }) => [...variables.values()]);
  }

  /** One that stands at the top of the module. */
  top(name: string): Variable | undefined {
    return this.#top.variables.get(name);
  }

  /** The variable that an identifier declares, reads or sets; `undefined` for one of the runtime. */
  at(identifier: AnyNode): Variable | undefined {
    return this.#byIdentifier.get(identifier);
  }

  #scope(parent: Scope, isFunction: boolean): Scope {
    const scope = new Scope(parent, isFunction);
    this.#scopes.push(scope);
    return scope;
  }

  #visitAll(nodes: readonly (AnyNode | null)[], scope: Scope): void {
    for (const node of nodes) if (node !== null) this.#visit(node, scope);
  }

  #visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        return this.#use(node, scope, null);
      case "FunctionDeclaration":
        if (node.id) scope.declare(node.id.name, "function", node);
        return this.#visitFunction(node, scope);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#visitFunction(node, scope);
      case "ClassDeclaration":
        if (node.id) scope.declare(node.id.name, "class", node);
        return this.#visitClass(node, scope);
      case "ClassExpression": {
        const within = this.#scope(scope, false);
        if (node.id) within.declare(node.id.name, "class", node);
        return this.#visitClass(node, within);
      }
      case "BlockStatement":
      case "StaticBlock":
        return this.#visitAll(childrenOf(node), this.#scope(scope, node.type === "StaticBlock"));
      case "SwitchStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#visitLoop(node, this.#scope(scope, false));
      case "CatchClause": {
        const within = this.#scope(scope, false);
        if (node.param) this.#declare(node.param, "catch", { declaration: node, scope: within });
        return this.#visit(node.body, within);
      }
      case "VariableDeclaration":
        for (const declarator of node.declarations) {
          const kind = node.kind === "const" || node.kind === "var" ? node.kind : "let";
          this.#declare(declarator.id, kind, { declaration: declarator, scope });
          if (declarator.init) this.#visit(declarator.init, scope);
        }
        return;
      case "ImportDeclaration":
        for (const each of node.specifiers) scope.declare(each.local.name, "import", each);
        return;
      case "ExportNamedDeclaration":
        return this.#visitExport(node, scope);
      case "ExportDefaultDeclaration":
        this.#visit(node.declaration, scope);
        for (const { declarations, exports } of scope.variables.values()) {
          if (declarations.includes(node.declaration)) exports.push("default");
        }
        return;
      case "ExportAllDeclaration":
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
        return;
      case "LabeledStatement":
        return this.#visit(node.body, scope);
      case "AssignmentExpression":
        this.#set(node.left, { setBy: node, scope, isRead: node.operator !== "=" });
        return this.#visit(node.right, scope);
      case "UpdateExpression":
        return this.#set(node.argument, { setBy: node, scope, isRead: true });
      case "MemberExpression":
        this.#visit(node.object, scope);
        if (node.computed) this.#visit(node.property, scope);
        return;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) this.#visit(node.key, scope);
        if (node.value) this.#visit(node.value, scope);
        return;
      default:
        return this.#visitAll(childrenOf(node), scope);
    }
  }

  #visitFunction(node: FunctionNode, outer: Scope): void {
    const scope = this.#scope(outer, true);
    if (node.type === "FunctionExpression" && node.id) {
      scope.declare(node.id.name, "function", node);
    }
    for (const param of node.params) {
      this.#declare(param, "param", { declaration: node, scope });
    }
    if (node.body.type === "BlockStatement") this.#visitAll(childrenOf(node.body), scope);
    else this.#visit(node.body, scope);
  }

  #visitClass(node: AnyNode, scope: Scope): void {
    this.#visitAll(childrenOf(node).filter((each) => each.type !== "Identifier"), scope);
    const { superClass }: { superClass?: AnyNode | null } = Object(node);
    if (superClass?.type === "Identifier") this.#visit(superClass, scope);
  }

  #visitLoop(node: AnyNode, scope: Scope): void {
    if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
      const { left } = node;
      if (left.type === "VariableDeclaration") {
        this.#visit(left, scope);
        for (const { id } of left.declarations) {
          this.#set(id, { setBy: node, scope, isRead: false });
        }
      } else this.#set(left, { setBy: node, scope, isRead: false });
      return this.#visitAll([node.right, node.body], scope);
    }
    this.#visitAll(childrenOf(node), scope);
  }

  #visitExport(node: NodeOf<"ExportNamedDeclaration">, scope: Scope): void {
    const { declaration } = node;
    if (declaration) {
      this.#visit(declaration, scope);
      const declared: AnyNode[] = declaration.type === "VariableDeclaration"
        ? declaration.declarations
        : [declaration];
      for (const { name, declarations, exports } of scope.variables.values()) {
        if (declared.some((each) => declarations.includes(each))) exports.push(name);
      }
      return;
    }
    if (node.source) return;
    for (const { local, exported } of node.specifiers) {
      const name = exported.type === "Identifier" ? exported.name : String(exported.value);
      if (local.type === "Identifier") this.#exported.push([local.name, name]);
    }
  }

  #declare(
    pattern: AnyNode,
    kind: VariableKind,
    to: { readonly declaration: AnyNode; readonly scope: Scope },
  ): void {
    const { declaration, scope } = to;
    if (pattern.type === "Identifier") {
      this.#byIdentifier.set(pattern, scope.declare(pattern.name, kind, declaration));
      return;
    }
    this.#eachTarget(pattern, scope, (target) => this.#declare(target, kind, to));
  }

  #set(
    target: AnyNode,
    how: { readonly setBy: AnyNode; readonly scope: Scope; readonly isRead: boolean },
  ): void {
    if (target.type === "Identifier") {
      this.#use(target, how.scope, how.setBy, how.isRead);
    } else if (target.type === "MemberExpression") this.#visit(target, how.scope);
    else this.#eachTarget(target, how.scope, (each) => this.#set(each, how));
  }

  /** What a pattern gives values to; what it computes is visited. */
  #eachTarget(pattern: AnyNode, scope: Scope, take: (target: AnyNode) => void): void {
    switch (pattern.type) {
      case "ObjectPattern":
        for (const each of pattern.properties) {
          if (each.type === "Property" && each.computed) this.#visit(each.key, scope);
          take(each.type === "Property" ? each.value : each.argument);
        }
        return;
      case "ArrayPattern":
        for (const each of pattern.elements) if (each !== null) take(each);
        return;
      case "AssignmentPattern":
        take(pattern.left);
        return this.#visit(pattern.right, scope);
      case "RestElement":
        return take(pattern.argument);
      default:
        return this.#visit(pattern, scope);
    }
  }

  #use(identifier: Identifier, scope: Scope, setBy: AnyNode | null, isRead = true): void {
    this.#uses.push({ identifier, scope, setBy, isRead: setBy === null || isRead });
  }
}
