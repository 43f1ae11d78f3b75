/** Reason phrases (RFC 9110 §15, and the registry of HTTP status codes); of 422 the one that runtimes send. */

/** The phrase of each status, in order; a status without one has a gap before the next. */
const PHRASES: Readonly<Record<number, string>> = {
  100: "Continue|Switching Protocols|Processing|Early Hints",
  200:
    "OK|Created|Accepted|Non-Authoritative Information|No Content|Reset Content|Partial Content|" +
    "Multi-Status|Already Reported",
  226: "IM Used",
  300: "Multiple Choices|Moved Permanently|Found|See Other|Not Modified|Use Proxy||" +
    "Temporary Redirect|Permanent Redirect",
  400: "Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|" +
    "Not Acceptable|Proxy Authentication Required|Request Timeout|Conflict|Gone|Length Required|" +
    "Precondition Failed|Content Too Large|URI Too Long|Unsupported Media Type|" +
    "Range Not Satisfiable|Expectation Failed|I'm a teapot|||Misdirected Request|" +
    "Unprocessable Entity|Locked|Failed Dependency|Too Early|Upgrade Required||" +
    "Precondition Required|Too Many Requests||Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Gateway Timeout|" +
    "HTTP Version Not Supported|Variant Also Negotiates|Insufficient Storage|Loop Detected||" +
    "Not Extended|Network Authentication Required",
};

let phrases: ReadonlyMap<number, string> | undefined;

/** The standard phrase of a status; `undefined` of one that has none. */
export function statusText(status: number): string | undefined {
  return (phrases ??= readPhrases()).get(status);
}

/** The standard phrase of a status, or `"Unknown"`. */
export function reasonPhrase(status: number): string {
  return statusText(status) ?? "Unknown";
}

function readPhrases(): ReadonlyMap<number, string> {
  const entries = Object.entries(PHRASES).flatMap(([first, texts]) =>
    texts.split("|").map((text, index) => [Number(first) + index, text] as const)
  );
  return new Map(entries.filter(([, text]) => text !== ""));
}
