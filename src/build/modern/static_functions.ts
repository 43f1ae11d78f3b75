/**
 * Static functions that Node 20 lacks. A build puts them in the place of the calls, so that no global
 * is changed; what is not called is not in the bundle.
 */

/** `Promise.withResolvers` */
export function promiseWithResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>["resolve"] = () => {};
  let reject: PromiseWithResolvers<T>["reject"] = () => {};
  const promise = new Promise<T>((...given) => [resolve, reject] = given);
  return { promise, resolve, reject };
}

/** `Promise.try` */
export function promiseTry<T, Args extends unknown[]>(
  callback: (...args: Args) => T | PromiseLike<T>,
  ...args: Args
): Promise<Awaited<T>> {
  return new Promise<T>((resolve) => resolve(callback(...args))) as Promise<
    Awaited<T>
  >;
}

/** `RegExp.escape` */
export function regExpEscape(text: string): string {
  return text.replace(
    /^[0-9A-Za-z]|[\\^$.*+?()[\]{}|/]|[,\-=<>#&!%:;@~'`"\s]|\p{Surrogate}/gu,
    escapeCharacter,
  );
}

/** `Array.fromAsync` */
export async function arrayFromAsync<T, Result = T>(
  items:
    | AsyncIterable<T>
    | Iterable<T | PromiseLike<T>>
    | ArrayLike<T | PromiseLike<T>>,
  map?: (item: T, index: number) => Result | PromiseLike<Result>,
): Promise<Result[]> {
  const result: Result[] = [];
  const given: object = Object(items);
  const source = Symbol.asyncIterator in given || Symbol.iterator in given
    ? items
    : Array.from(items as ArrayLike<T>);
  for await (const item of source as AsyncIterable<T>) {
    // Without a function the items are the result.
    result.push(
      map === undefined ? item as unknown as Result : await map(item, result.length),
    );
  }
  return result;
}

/** `Map.groupBy` */
export function mapGroupBy<Key, Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** `Object.groupBy` */
export function objectGroupBy<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => PropertyKey,
): Record<PropertyKey, Item[]> {
  const groups: Record<PropertyKey, Item[]> = Object.create(null);
  const propertyOf = (item: Item, index: number) => {
    const key = keyOf(item, index);
    return typeof key === "symbol" ? key : String(key);
  };
  for (const [key, group] of mapGroupBy(items, propertyOf)) groups[key] = group;
  return groups;
}

/** `Uint8Array.fromBase64` */
export function bytesFromBase64(
  text: string,
  options: { readonly alphabet?: "base64" | "base64url" } = {},
): Uint8Array<ArrayBuffer> {
  const binary = binaryOf(
    options.alphabet === "base64url" ? plainAlphabet(text) : text,
  );
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** `Uint8Array.fromHex` */
export function bytesFromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) {
    throw new SyntaxError("Cannot read bytes: the text is not hexadecimal");
  }
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** `URL.parse` */
export function urlParse(url: string | URL, base?: string | URL): URL | null {
  return URL.canParse(url, base) ? new URL(url, base) : null;
}

/** The control characters with a letter of their own; the others are numbers. */
const CONTROLS: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
};

function escapeCharacter(character: string): string {
  if (/[\\^$.*+?()[\]{}|/]/.test(character)) return `\\${character}`;
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return CONTROLS[character] ??
    (code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}

/** What base64 stands for, a character for each byte. The error is the class that the language names. */
function binaryOf(text: string): string {
  try {
    return atob(text);
  } catch {
    throw new SyntaxError("Cannot read bytes: the text is not base64");
  }
}

function plainAlphabet(text: string): string {
  // What is neither alphabet's makes the decoder fail.
  const foreign = { "-": "+", "_": "/", "+": "!", "/": "!" } as const;
  return text.replace(
    /[-_+/]/g,
    (character) => foreign[character as keyof typeof foreign],
  );
}
