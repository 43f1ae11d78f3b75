/** Which methods of a class clients may call. */
import { excerpt } from "../../http/excerpt.ts";
import { invalidParams } from "./json_rpc_error.ts";
import type { RPCParams } from "./json_rpc_message.ts";

/**
 * Methods that clients may call: their names, or their names with those of their parameters.
 *
 * @category WebSockets and event streams
 */
export type RPCMethodList = readonly string[] | Readonly<Record<string, readonly string[]>>;

/**
 * Any method of a class.
 *
 * @category WebSockets and event streams
 */
export type RPCFunction = (this: never, ...args: never[]) => unknown;

/** A method that may be called, and how it takes its parameters. */
export interface RPCMethod {
  /** Calls it. */
  readonly run: (handler: object, args: readonly unknown[]) => unknown;
  /** How many parameters have to be there. */
  readonly required: number;
  /** What they are called; `undefined` if they have no names. */
  readonly names: readonly string[] | undefined;
}

/** The methods that are marked, and what their parameters are called. */
const marked = new WeakMap<object, readonly string[] | undefined>();

/**
 * Marks a method that clients may call: those of a {@linkcode JSONRPCHandler} that are not marked
 * cannot be reached, whatever a client sends. What overrides it has to be marked again.
 *
 * As `@rpc`, a method takes parameters by position, and parameters by name as one object. As
 * `@rpc("from", "to")` its parameters have names, and clients may give them either way. Among several
 * decorators it stands first.
 *
 * @example
 * ```ts
 * import { Application, JSONRPCHandler, rpc } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Calculator extends JSONRPCHandler {
 *   @rpc("minuend", "subtrahend")
 *   subtract(minuend: number, subtrahend: number) {
 *     return minuend - subtrahend;
 *   }
 * }
 *
 * const app = new Application([["/rpc", Calculator]]);
 * const response = await app.fetch(
 *   new Request("http://localhost/rpc", {
 *     method: "POST",
 *     headers: { "Content-Type": "application/json" },
 *     body: '{"jsonrpc":"2.0","method":"subtract","params":[42,23],"id":1}',
 *   }),
 * );
 * assertEquals(await response.json(), { jsonrpc: "2.0", result: 19, id: 1 });
 * ```
 *
 * @throws {TypeError} If the method cannot be called from outside, or the names do not fit it.
 *
 * @category WebSockets and event streams
 */
export function rpc(method: RPCFunction, context?: ClassMethodDecoratorContext): void;
/**
 * Marks a method whose parameters have names.
 *
 * @param names One for each parameter, in their order.
 * @throws {TypeError} If the method cannot be called from outside, or the names do not fit it.
 */
export function rpc(
  ...names: string[]
): (method: RPCFunction, context?: ClassMethodDecoratorContext) => void;
export function rpc(
  ...given: readonly unknown[]
): ((method: RPCFunction, context?: ClassMethodDecoratorContext) => void) | void {
  const [method, context] = given;
  if (isFunction(method)) return mark(method, context, undefined);
  const names = given.filter((name) => typeof name === "string");
  return (method, context) => mark(method, context, names);
}

function mark(
  method: RPCFunction,
  context: unknown,
  names: readonly string[] | undefined,
): void {
  const { name = method.name, private: isPrivate, static: isStatic } = Object(context);
  if (typeof name !== "string" || isPrivate || isStatic) {
    throw new TypeError(`Cannot mark ${String(name)}() as @rpc: expected a public method`);
  }
  checkNames(name, names, method.length);
  marked.set(method, names);
}

/** A class, as far as it matters here. */
export interface RPCClass {
  readonly name: string;
  readonly prototype: object;
  readonly rpcMethods: RPCMethodList;
}

const tables = new WeakMap<object, ReadonlyMap<string, RPCMethod>>();

/**
 * The methods of a class that clients may call, by their names. Nothing that a client sends is ever
 * looked up in a class: this table is made once, from the class alone.
 *
 * @param base The prototype that it is derived from, whose own methods nobody may call.
 * @throws {TypeError} If its list names a method that is not there, or one is of the base.
 */
export function methodsOf(type: RPCClass, base: object): ReadonlyMap<string, RPCMethod> {
  let table = tables.get(type.prototype);
  if (table === undefined) tables.set(type.prototype, table = readMethods(type, base));
  return table;
}

function readMethods(type: RPCClass, base: object): ReadonlyMap<string, RPCMethod> {
  const methods = markedMethods(type.prototype, base);
  for (const [name, names] of listed(type.rpcMethods)) {
    methods.set(name, describe(functionOf(type, name), names));
  }
  for (const [name, { names, required }] of methods) {
    if (name in base) throw refusal(type, name, "it is one of every handler");
    if (name.startsWith("rpc.")) {
      throw refusal(type, name, 'names that begin with "rpc." are reserved');
    }
    checkNames(name, names, required);
  }
  return methods;
}

/** From the class upwards: what overrides a method stands for it, marked or not. */
function markedMethods(prototype: object, end: object): Map<string, RPCMethod> {
  const methods = new Map<string, RPCMethod>();
  const seen = new Set<string>();
  for (let each = prototype; each !== end && each !== null; each = Object.getPrototypeOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (isMarked(value)) methods.set(name, describe(value, marked.get(value)));
    }
  }
  return methods;
}

function isMarked(value: unknown): value is RPCFunction {
  return isFunction(value) && marked.has(value);
}

function listed(list: RPCMethodList): [string, readonly string[] | undefined][] {
  return isNames(list) ? list.map((name) => [name, undefined]) : Object.entries(list);
}

function isNames(list: RPCMethodList): list is readonly string[] {
  return Array.isArray(list);
}

function functionOf(type: RPCClass, name: string): RPCFunction {
  const method: unknown = Reflect.get(type.prototype, name);
  if (isFunction(method)) return method;
  throw refusal(type, name, "it has no such method");
}

function isFunction(value: unknown): value is RPCFunction {
  return typeof value === "function";
}

function refusal(type: RPCClass, name: string, reason: string): TypeError {
  return new TypeError(`Cannot let clients call ${excerpt(name)} of ${type.name}: ${reason}`);
}

function describe(method: RPCFunction, names: readonly string[] | undefined): RPCMethod {
  return {
    run: (handler, args) => Reflect.apply(method, handler, args),
    required: method.length,
    names,
  };
}

function checkNames(name: string, names: readonly string[] | undefined, required: number): void {
  if (names === undefined) return;
  if (new Set(names).size < names.length) {
    throw new TypeError(`Cannot name the parameters of ${name}(): two have the same name`);
  }
  if (names.length < required) {
    throw new TypeError(
      `Cannot name the parameters of ${name}(): it takes ${required}, and ${names.length} ${
        names.length === 1 ? "is" : "are"
      } named`,
    );
  }
}

/**
 * The arguments that a method is called with.
 *
 * @throws {JSONRPCError} If the parameters do not fit: code -32602.
 */
export function argumentsOf(method: RPCMethod, params: RPCParams | undefined): readonly unknown[] {
  if (params === undefined) return byPosition(method, []);
  return isPositional(params) ? byPosition(method, params) : byName(method, params);
}

function isPositional(params: RPCParams): params is readonly unknown[] {
  return Array.isArray(params);
}

function byPosition(
  { required, names }: RPCMethod,
  params: readonly unknown[],
): readonly unknown[] {
  if (params.length < required) throw invalidParams(`Expected ${required} at least`);
  if (names !== undefined && params.length > names.length) {
    throw invalidParams(`Expected ${names.length} at most`);
  }
  return params;
}

function byName(
  { required, names }: RPCMethod,
  params: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  if (names === undefined) {
    if (required > 1) throw invalidParams("Expected an array: the parameters have no names");
    return [params];
  }
  const unknown = Object.keys(params).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalidParams(`Unknown parameter ${excerpt(unknown)}`);
  return names.map((name, index) => {
    if (Object.hasOwn(params, name)) return params[name];
    if (index < required) throw invalidParams(`Missing parameter ${excerpt(name)}`);
    return undefined;
  });
}
