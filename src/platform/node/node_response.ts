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
    takeRealMembers(this.prototype, () => new Response());
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

/**
 * Gives a stand-in all members that it has not: those of the real object, and its class to `instanceof`.
 * Nothing of it is loaded before somebody asks for one of them, since that takes Node as long as all the
 * rest of a start.
 *
 * @param sample Makes an object of the runtime, which shows what there is.
 */
export function takeRealMembers<T extends object>(
  prototype: StandIn<T>,
  sample: () => T,
): void {
  const take = () => {
    const real = sample();
    const model = Object.getPrototypeOf(real);
    for (const name of [...Reflect.ownKeys(model), ...Object.getOwnPropertySymbols(real)]) {
      if (!Object.hasOwn(prototype, name)) Object.defineProperty(prototype, name, memberAt(name));
    }
    Object.setPrototypeOf(prototype, model);
    return model;
  };
  Object.setPrototypeOf(
    prototype,
    new Proxy({}, {
      getPrototypeOf: take,
      has: (_, name) => Reflect.has(take(), name),
      // Whoever awaits the object looks whether it is a promise.
      get: (_, name, receiver) => name === "then" ? undefined : take() && receiver[name],
    }),
  );
}

function memberAt(name: string | symbol): PropertyDescriptor & ThisType<StandIn<object>> {
  return {
    configurable: true,
    get() {
      const { real } = this;
      const value: unknown = Reflect.get(real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  };
}
