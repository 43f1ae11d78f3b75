/** Milliseconds that a timer of the runtime counts, in 32 bits: with a longer delay it fires at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;
