/** The members of the library's classes and objects: what defines each, and where it is used. */
import { literalOf, literalResult } from "./expressions.ts";
import type { Site } from "./linked_modules.ts";
import type { ModuleSyntax } from "./module_syntax.ts";
import {
  type AnyNode,
  childrenOf,
  type FunctionNode,
  isClass,
  isFunction,
  keyName,
  NAME,
  type NodeOf,
} from "../syntax_tree.ts";

/** What is known of a member by its name. */
export class MemberUses {
  /** Whether only its class can name it. */
  readonly isPrivate: boolean;
  /** What it is where it is defined or set: a constant as it is written, or `null` for anything. */
  readonly values: (string | null)[] = [];
  readonly fields: Site<NodeOf<"PropertyDefinition">>[] = [];
  readonly assignments: Site<NodeOf<"AssignmentExpression">>[] = [];
  readonly methods: Site<FunctionNode>[] = [];
  readonly calls: Site<NodeOf<"CallExpression">>[] = [];
  /** Members that are read, keys of patterns, and assignments that only set what is not there. */
  readonly reads: Site[] = [];
  /** Where objects that are written out have it. */
  readonly keys: Site<NodeOf<"Property">>[] = [];
  /** Whether a getter or a setter stands for it. */
  isAccessor = false;
  /** Whether it may be used or set in ways that the code does not show. */
  isOpen = false;
  /** Whether objects of the runtime have a member of this name, too. */
  isShared = false;
  /** Whether objects that are written out may have it, in what is left out already too. */
  isKey = false;

  constructor(isPrivate: boolean) {
    this.isPrivate = isPrivate;
  }

  /** What it always is; `undefined` if that may change. */
  get constant(): string | undefined {
    if (this.isOpen || this.isShared || this.methods.length > 0) return undefined;
    const [value, ...more] = this.values;
    if (typeof value !== "string" || more.some((each) => each !== value)) return undefined;
    // A text is likely what tells kinds of objects apart, others than of the library among them.
    if (!this.isPrivate && value.startsWith('"')) return undefined;
    // Objects that are written out may have it or not, and so may what is given a member later.
    const isDeclared = !this.isKey && this.keys.length === 0 &&
      (this.fields.length > 0 || this.isAccessor);
    return isDeclared || value === "void 0" ? value : undefined;
  }

  /** What each method of this name gives, whatever it is called with; `undefined` if that differs. */
  get result(): string | undefined {
    if (this.isOpen || this.isShared || this.isAccessor || this.values.length > 0) return undefined;
    const [result, ...more] = this.methods.map(({ node }) => literalResult(node));
    return typeof result === "string" && more.every((each) => each === result) ? result : undefined;
  }

  /** Whether it is set, and nobody ever looks. */
  get isOnlySet(): boolean {
    return !this.isShared && !this.isAccessor && this.methods.length === 0 && this.isUnread;
  }

  /** Whether nobody uses what it is. */
  get isUnread(): boolean {
    return !this.isOpen && this.reads.length === 0 && this.calls.length === 0;
  }
}

/** The names of members that are used elsewhere. */
export interface OtherNames {
  /** Whether others than the modules use a name, or may. */
  readonly isOpen: (name: string) => boolean;
  /** Whether objects of the runtime have a member of that name. */
  readonly isShared: (name: string) => boolean;
  /** Whether objects that are written out had such a member before anything was left out. */
  readonly isKey: (name: string) => boolean;
}

/** What is known of the members of some modules, by name. A private one is told from others. */
export class MemberTable {
  readonly #uses = new Map<string, MemberUses>();

  /**
   * @param modules The modules.
   * @param names Whether a name is used by others than these, and whether objects of the runtime have it,
   *   or objects that are written out.
   */
  constructor(modules: Iterable<ModuleSyntax>, { isOpen, isShared, isKey }: OtherNames) {
    for (const module of modules) {
      for (const node of module.nodes) this.#take(module, node);
    }
    for (const [name, uses] of this.#uses) {
      uses.isOpen ||= isOpen(name);
      uses.isShared = isShared(name);
      uses.isKey = isKey(name);
    }
  }

  /** Each name, and what is known of it. */
  get all(): Iterable<MemberUses> {
    return this.#uses.values();
  }

  #take(module: ModuleSyntax, node: AnyNode): void {
    switch (node.type) {
      case "MemberExpression":
        return this.#takeMember(module, node);
      case "Property":
        return this.#takeProperty(module, node);
      case "PropertyDefinition": {
        const uses = this.#of(module, node.key, node.computed);
        if (uses === undefined) return;
        uses.fields.push({ module, node });
        if (node.value || !isSetInConstructor(module, node)) {
          uses.values.push(node.value ? literalOf(node.value) : "void 0");
        }
        return;
      }
      case "MethodDefinition": {
        const uses = this.#of(module, node.key, node.computed);
        if (uses === undefined || node.kind === "constructor") return;
        if (node.kind === "method") uses.methods.push({ module, node: node.value });
        else takeAccessor(uses, node.kind, node.value);
        return;
      }
      case "PrivateIdentifier": {
        const parent = module.parentOf(node);
        if (parent?.type === "BinaryExpression") {
          this.#open(module.privateKey(node, `#${node.name}`));
        }
        return;
      }
      case "Literal":
        if (typeof node.value === "string" && NAME.test(node.value)) this.#open(node.value);
        return;
    }
  }

  #takeMember(module: ModuleSyntax, node: NodeOf<"MemberExpression">): void {
    const uses = this.#of(module, node.property, node.computed);
    if (uses === undefined) return;
    const parent = module.parentOf(node);
    switch (parent?.type) {
      case "CallExpression":
        if (parent.callee === node) uses.calls.push({ module, node: parent });
        else uses.reads.push({ module, node });
        return;
      case "AssignmentExpression":
        if (parent.left === node) return takeAssignment(uses, { module, node: parent });
        uses.reads.push({ module, node });
        return;
      case "UpdateExpression":
      case "ArrayPattern":
      case "RestElement":
      case "ForInStatement":
      case "ForOfStatement":
      case "TaggedTemplateExpression":
        uses.isOpen = true;
        return;
      case "AssignmentPattern":
        if (parent.left === node) uses.isOpen = true;
        else uses.reads.push({ module, node });
        return;
      case "Property": {
        const isTarget = parent.value === node &&
          module.parentOf(parent)?.type === "ObjectPattern";
        if (isTarget) uses.isOpen = true;
        else uses.reads.push({ module, node });
        return;
      }
      case "UnaryExpression":
        if (parent.operator === "delete") uses.isOpen = true;
        uses.reads.push({ module, node });
        return;
      default:
        uses.reads.push({ module, node });
    }
  }

  #takeProperty(module: ModuleSyntax, node: NodeOf<"Property">): void {
    const uses = this.#of(module, node.key, node.computed);
    if (uses === undefined) return;
    if (module.parentOf(node)?.type === "ObjectPattern") {
      uses.reads.push({ module, node });
      return;
    }
    uses.keys.push({ module, node });
    const { value }: { value: AnyNode } = node;
    if (node.kind !== "init") takeAccessor(uses, node.kind, value);
    else if (isFunction(value)) uses.methods.push({ module, node: value });
    else uses.values.push(literalOf(value));
  }

  #of(module: ModuleSyntax, key: AnyNode, computed: boolean): MemberUses | undefined {
    const name = keyName(key, computed);
    if (name === null) return undefined;
    return this.#at(name.startsWith("#") ? module.privateKey(key, name) : name);
  }

  #open(name: string): void {
    this.#at(name).isOpen = true;
  }

  #at(name: string): MemberUses {
    const known = this.#uses.get(name);
    if (known !== undefined) return known;
    const uses = new MemberUses(name.includes("#"));
    this.#uses.set(name, uses);
    return uses;
  }
}

function takeAccessor(uses: MemberUses, kind: "get" | "set", value: AnyNode): void {
  uses.isAccessor = true;
  if (kind === "set") uses.isOpen = true;
  uses.values.push(isFunction(value) ? literalResult(value) : null);
}

/** `a.b ??= null` keeps a constant, and reads it. */
function takeAssignment(uses: MemberUses, site: Site<NodeOf<"AssignmentExpression">>): void {
  const { operator, right } = site.node;
  const keeps = operator === "=" || operator === "??=" || operator === "||=" || operator === "&&=";
  uses.values.push(keeps ? literalOf(right) : null);
  if (operator === "=") uses.assignments.push(site);
  else uses.reads.push(site);
}

/** Whether a field without a value is given one by the constructor, at its top. */
function isSetInConstructor(module: ModuleSyntax, field: NodeOf<"PropertyDefinition">): boolean {
  const owner = module.classOf(field);
  if (!isClass(owner) || field.static) return false;
  const name = keyName(field.key, field.computed);
  const made = owner.body.body.find((member) =>
    member.type === "MethodDefinition" && member.kind === "constructor"
  );
  if (made?.type !== "MethodDefinition") return false;
  const { body }: { body: readonly AnyNode[] } = made.value.body;
  for (const each of body.flatMap(expressionsOf)) {
    const isSet = each.type === "AssignmentExpression" && each.operator === "=" &&
      each.left.type === "MemberExpression" && each.left.object.type === "ThisExpression" &&
      keyName(each.left.property, each.left.computed) === name;
    if (isSet) return !handsOnThis(each.right);
    if (handsOnThis(each)) return false;
  }
  return false;
}

/** The expressions that a statement consists of; what else it may be hands on anything. */
function expressionsOf(statement: AnyNode): AnyNode[] {
  if (statement.type !== "ExpressionStatement") return [statement];
  const { expression }: { expression: AnyNode } = statement;
  return expression.type === "SequenceExpression" ? expression.expressions : [expression];
}

/** Whether others may look at the object that is being made: `this.make()`, `make(this)`, `() => this`. */
function handsOnThis(node: AnyNode): boolean {
  if (node.type === "ThisExpression") return true;
  if (node.type === "MemberExpression" && node.object.type === "ThisExpression") {
    return node.computed;
  }
  if (node.type === "CallExpression" && node.callee.type === "MemberExpression") {
    const isOwn = node.callee.object.type === "ThisExpression";
    return isOwn || childrenOf(node).some(handsOnThis);
  }
  return childrenOf(node).some(handsOnThis);
}
