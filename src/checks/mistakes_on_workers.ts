/**
 * What stands in the place of `mistakes.ts` in the package, for Workers: nobody develops there, and
 * nothing is guessed.
 */

/** See `mistakes.ts`. */
export function suggest(): string {
  return "";
}

/** See `mistakes.ts`. */
export function closest(): undefined {}

/** See `mistakes.ts`. */
export function checkIsCalled(): void {}

/** See `mistakes.ts`. */
export function calledElsewhere(): undefined {}

/** See `mistakes.ts`. */
export function checkGroupName(): void {}

/** See `mistakes.ts`. */
export function wayOut(): string {
  return "put a regular expression in parentheses";
}

/** See `mistakes.ts`. */
export function hostHint(): string {
  return 'expected a host, with "*" for any text, or a RegExp';
}

/** See `mistakes.ts`. */
export function wayToTarget(): undefined {}

/** See `mistakes.ts`. */
export function wayToRoute(): string {
  return "";
}

/** See `mistakes.ts`. */
export function checkHookNames(): void {}

/** See `mistakes.ts`. */
export function checkIsNoName(): void {}

/** See `mistakes.ts`. */
export function otherRoute(): string {
  return "";
}

/** See `mistakes.ts`. */
export function verbSpelling(): string {
  return "";
}

/** See `mistakes.ts`. */
export function bareHint(): string {
  return "";
}
