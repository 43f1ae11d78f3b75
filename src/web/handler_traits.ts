/** What a handler class has, found out once per class instead of once per request. */
import { RequestHandler } from "./request_handler.ts";

/**
 * A class of handlers.
 *
 * @category Handlers
 */
// deno-lint-ignore no-explicit-any -- a class may be bound to any kind of application
export type HandlerClass = { new (...args: any[]): RequestHandler<any> } & HandlerStatics;

/**
 * A handler class that a mixin can add something to; it may be abstract. The static members are named,
 * since TypeScript forgets them where one mixin is put right around another.
 *
 * @category Handlers
 */
export type HandlerBase =
  // deno-lint-ignore no-explicit-any -- what TypeScript asks of a mixin's base
  & (abstract new (...args: any[]) => RequestHandler<any>)
  & HandlerStatics;

/**
 * The static members that a handler class may override.
 *
 * @category Handlers
 */
export interface HandlerStatics {
  /** The methods that reach the class. */
  readonly supportedMethods: readonly string[];
  /** Whether the body is given in chunks. */
  readonly streamRequestBody: boolean;
}

/** See {@linkcode traitsOf}. */
export interface HandlerTraits {
  /** By method: the name of the member that answers it. */
  readonly verbs: ReadonlyMap<string, Verb>;
  /** The methods that the class lets through; another one is a 405 before anything runs. */
  readonly supported: ReadonlySet<string>;
  /** The value of the `Allow` header of a 405. */
  readonly allow: string;
  /** Every method is let through to `prepare`, which answers it. */
  readonly anyMethod: boolean;
  /** `getCurrentUser` is an `async` function: it runs before `prepare`. */
  readonly asyncUser: boolean;
  readonly hasDefaultHeaders: boolean;
  readonly hasOnFinish: boolean;
  readonly hasOnConnectionClose: boolean;
  readonly hasDataReceived: boolean;
  readonly hasDecodeArgument: boolean;
  readonly streamRequestBody: boolean;
  /** A body is read before a method is called. Only a bundle without such methods does not. */
  readonly readsBody: boolean;
}

/** The members that answer a method. */
export type Verb = "get" | "head" | "post" | "delete" | "patch" | "put" | "options";

const known = new WeakMap<HandlerClass, HandlerTraits>();

/** The traits of a class before there is an instance of it. */
export const NO_TRAITS: HandlerTraits = {
  verbs: new Map(),
  supported: new Set(),
  allow: "",
  anyMethod: false,
  asyncUser: false,
  hasDefaultHeaders: false,
  hasOnFinish: false,
  hasOnConnectionClose: false,
  hasDataReceived: false,
  hasDecodeArgument: false,
  streamRequestBody: false,
  readsBody: true,
};

/**
 * The traits of a handler class, as its first instance shows them: a member may be a method, or a
 * field such as `get = authenticated(function () { … })`.
 *
 * Methods are looked up in the class's own list of them: what a client sends as a method never
 * becomes the name of a member.
 */
export function traitsOf(handlerClass: HandlerClass, handler: RequestHandler): HandlerTraits {
  let traits = known.get(handlerClass);
  if (traits === undefined) known.set(handlerClass, traits = examine(handlerClass, handler));
  return traits;
}

/** Whether `target` is a handler class. */
export function isHandlerClass(target: unknown): target is HandlerClass {
  return target === RequestHandler ||
    (typeof target === "function" && target.prototype instanceof RequestHandler);
}

function examine(handlerClass: HandlerClass, own: RequestHandler): HandlerTraits {
  if (!(own instanceof RequestHandler)) {
    throw new TypeError(`Cannot answer with ${handlerClass.name}: it is not a handler class`);
  }
  const base = RequestHandler.prototype;
  const { supportedMethods, streamRequestBody } = handlerClass;
  const verbs = verbsOf(supportedMethods, own, base);
  return {
    verbs,
    supported: new Set(supportedMethods),
    allow: [...verbs.keys()].join(", "),
    anyMethod: supportedMethods.includes("*"),
    asyncUser: own.getCurrentUser instanceof AsyncFunction,
    hasDefaultHeaders: own.setDefaultHeaders !== base.setDefaultHeaders,
    hasOnFinish: own.onFinish !== base.onFinish,
    hasOnConnectionClose: own.onConnectionClose !== base.onConnectionClose,
    hasDataReceived: own.dataReceived !== base.dataReceived,
    hasDecodeArgument: own.decodeArgument !== base.decodeArgument,
    streamRequestBody,
    readsBody: true,
  };
}

function verbsOf(
  methods: readonly string[],
  own: RequestHandler,
  base: RequestHandler,
): Map<string, Verb> {
  const verbs = new Map<string, Verb>();
  for (const method of methods) {
    const name = method.toLowerCase() as Verb;
    const member: unknown = own[name];
    if (typeof member === "function" && member !== base[name]) verbs.set(method, name);
    else if (method === "HEAD" && own.get !== base.get) verbs.set(method, "get");
  }
  return verbs;
}

const AsyncFunction = (async () => {}).constructor;
