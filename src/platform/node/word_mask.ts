/** Masks of what clients send (RFC 6455 §5.3), taken off eight bytes at once; `ws` takes them singly. */

/** What reads the frames of a connection, in `ws`. */
interface Receiver {
  /** The mask of the frame that is being read, until its payload has come. */
  _mask: Uint8Array | undefined;
  readonly _payloadLength: number;
  consume(length: number): Uint8Array;
}

/** Bytes that are worth it. */
const LONG = 64;
const WORD = 8;
/** What `ws` leaves a payload alone for. */
const NO_MASK = new Uint8Array(4);

/** The mask as often as a word has room for it, from any of its bytes on. */
const pattern = new Uint8Array(WORD);
const patternWord = new BigInt64Array(pattern.buffer);

/** How `ws` takes bytes from those that have come. */
let consume: Receiver["consume"] | undefined;

/** Has the payloads that a socket of `ws` receives unmasked here, before `ws` would do so. */
export function unmaskByWords(socket: object): void {
  const { _receiver: receiver } = socket as { readonly _receiver?: Partial<Receiver> };
  // Members that `ws` does not promise: without them it goes on by itself.
  if (receiver?.consume === undefined || !("_mask" in receiver)) return;
  consume ??= receiver.consume;
  receiver.consume = consumeUnmasked;
}

function consumeUnmasked(this: Receiver, length: number): Uint8Array {
  const bytes = consume?.call(this, length) ?? NO_MASK;
  const mask = this._mask;
  if (mask !== undefined && length >= LONG && length === this._payloadLength) {
    unmask(bytes, mask);
    this._mask = NO_MASK;
  }
  return bytes;
}

/** Takes a mask of four bytes off, in place. */
export function unmask(bytes: Uint8Array, mask: Uint8Array): void {
  const { buffer, byteOffset, length } = bytes;
  if (length < WORD) return unmaskSingly(bytes, mask, 0, length);
  const head = -byteOffset & WORD - 1;
  const words = new BigInt64Array(buffer, byteOffset + head, (length - head) / WORD | 0);
  for (let i = 0; i < WORD; i++) pattern[i] = mask[head + i & 3] ?? 0;
  const word = patternWord[0] ?? 0n;
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0n) ^ word;
  unmaskSingly(bytes, mask, 0, head);
  unmaskSingly(bytes, mask, head + words.length * WORD, length);
}

function unmaskSingly(bytes: Uint8Array, mask: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) bytes[i] = (bytes[i] ?? 0) ^ (mask[i & 3] ?? 0);
}
