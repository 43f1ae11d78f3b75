/** Header fields that two servers could read in two ways, and that all therefore refuse with a 400. */
export const AMBIGUOUS_HEADS: readonly string[] = [
  "Content-Length: 3\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "Content-Length: +3",
  "Content-Length: 3\r\nContent-Length: 4",
  "Content-Length: 1_0",
  "Content-Length: 0x3",
  "Content-Length: -1",
  "Content-Length: 3, 4",
  "X: a\r\n b",
  "X: a\u0001b",
  "X\u0000: a",
  "X : a",
  "Tr\u00e4nsfer: a",
  "no colon",
];
