/** Responses that are one text, and how an object stands for one of the runtime's. */

/** A header field as `node:http` takes it. */
export type Field = readonly [name: string, value: string];

/**
 * What a `Response` of one text has: a real one takes as long as all the rest of a short answer. What is
 * asked for seldom is asked of a real one, which is made then.
 */
export class NodeResponse {
  readonly #text: string;
  readonly #contentType: string;
  #headers: Headers | undefined;
  #real: Response | undefined;

  static {
    takeRealMembers(this.prototype, { prototype: Response.prototype, sample: new Response() });
  }

  constructor(text: string, contentType: string) {
    this.#text = text;
    this.#contentType = contentType;
  }

  /** The same, for those who want a `Response`. */
  asResponse(): Response {
    return this as unknown as Response;
  }

  /** The text, unless somebody may have read it from the real one. */
  get unreadText(): string | undefined {
    return this.#real === undefined ? this.#text : undefined;
  }

  /** What to send before the text, but for its length. */
  get fields(): Field[] {
    return this.#headers === undefined ? [["content-type", this.#contentType]] : [...this.#headers];
  }

  // ---- what a Response has

  get status(): number {
    return 200;
  }

  get ok(): boolean {
    return true;
  }

  get statusText(): string {
    return "";
  }

  get headers(): Headers {
    return this.#headers ??= new Headers([["content-type", this.#contentType]]);
  }

  clone(): Response {
    return new Response(this.real.clone().body, this.asResponse());
  }

  /** A real one, made when it is first needed. Its header fields are not looked at. */
  get real(): Response {
    return this.#real ??= new Response(this.#text, { headers: this.headers });
  }
}

/** See `Platform.textResponse`. */
export function textResponse(text: string, contentType: string): Response {
  return new NodeResponse(text, contentType).asResponse();
}

/** What stands for an object of the runtime. */
export interface StandIn<T> {
  /** The object of the runtime, made when it is first needed. */
  readonly real: T;
}

/** A class of the runtime, and one of its objects. */
export interface RealClass<T extends object> {
  readonly prototype: T;
  /** Shows what the runtime keeps in its objects. */
  readonly sample: T;
}

/** Gives a stand-in all members that it has not: those of the real object. */
export function takeRealMembers<T extends object>(
  prototype: StandIn<T>,
  { prototype: model, sample }: RealClass<T>,
): void {
  const names = [...Object.getOwnPropertyNames(model), ...Object.getOwnPropertySymbols(sample)];
  for (const name of names) {
    if (Object.hasOwn(prototype, name)) continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: StandIn<T>) {
        return memberOf(this.real, name);
      },
    });
  }
  Object.setPrototypeOf(prototype, model);
}

function memberOf(real: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(real, name);
  return typeof value === "function" ? value.bind(real) : value;
}
