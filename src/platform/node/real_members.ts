/** Objects that stand for those of the runtime, which are made only for what is asked for seldom. */

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
