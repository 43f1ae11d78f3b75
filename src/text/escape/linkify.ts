import { BOOLEAN, checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import { xhtmlEscape } from "./xhtml.ts";

/**
 * How {@linkcode linkify} makes its links.
 *
 * @category Text and languages
 */
export interface LinkifyOptions {
  /** Shows long addresses shortened, with the whole one as the title. Default `false`. */
  readonly shorten?: boolean;
  /**
   * Attributes for the `<a>`, or a function from the (escaped) address to them. They are not
   * escaped.
   */
  readonly extraParams?: string | ((href: string) => string);
  /** Leaves `www.example.com` alone, which has no protocol. Default `false`. */
  readonly requireProtocol?: boolean;
  /**
   * The protocols that become links. Default `http` and `https`. Allowing `javascript` or `data`
   * lets visitors run scripts on the page.
   */
  readonly permittedProtocols?: Iterable<string>;
}

const OPTIONS: OptionTypes = {
  shorten: BOOLEAN,
  extraParams: {
    name: "a string or a function",
    test: (value) => typeof value === "string" || typeof value === "function",
  },
  requireProtocol: BOOLEAN,
  permittedProtocols: {
    name: "a list of strings",
    // A string is a list of its letters.
    test: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
  },
};

/**
 * Escapes plain text and turns the web addresses in it into links (`tornado.escape.linkify`).
 *
 * Takes time linear in the length of the text.
 *
 * @param value The text, not yet escaped.
 * @param options How the links look, and which protocols are allowed.
 * @throws {TypeError} If there is an unknown option, or an ill-typed one.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   escape.linkify("See http://example.com!"),
 *   'See <a href="http://example.com">http://example.com</a>!',
 * );
 * ```
 *
 * @category Text and languages
 */
export function linkify(value: unknown, options: LinkifyOptions = {}): string {
  checkOptions(options, OPTIONS);
  // Escaping first makes every later step safe; addresses then contain &amp; and &quot;.
  const text = xhtmlEscape(value);
  let linked = "";
  let done = 0;
  for (const anchor of text.matchAll(/:\/{1,3}|www\./g)) {
    if (anchor.index < done) continue;
    const url = urlAround(text, anchor, done);
    if (url === undefined) continue;
    linked += text.slice(done, url.start) + makeLink(url, options);
    done = url.start + url.text.length;
  }
  return linked + text.slice(done);
}

/** An address found in escaped text. */
interface Url {
  readonly start: number;
  readonly text: string;
  /** `""` for an address that starts with `www.`. */
  readonly protocol: string;
  /** How much of the text is the protocol, its colon and its slashes. */
  readonly prefix: number;
}

function urlAround(text: string, anchor: RegExpExecArray, floor: number): Url | undefined {
  const at = anchor.index;
  const [mark] = anchor;
  if (mark === "www.") {
    if (at > 0 && isWord(text[at - 1])) return undefined;
    const end = bodyEnd(text, at + mark.length);
    return end === 0
      ? undefined
      : { start: at, text: text.slice(at, end), protocol: "", prefix: 0 };
  }
  const start = protocolStart(text, at, floor);
  if (start === at) return undefined;
  // "file:///" alone: the last slash may be the path.
  const end = bodyEnd(text, at + mark.length) || (mark.length > 2 ? at + mark.length : 0);
  if (end === 0) return undefined;
  const prefix = at + mark.length - start;
  return { start, text: text.slice(start, end), protocol: text.slice(start, at), prefix };
}

/** Where the letters, digits and hyphens before the colon begin; `colon` when there are none. */
function protocolStart(text: string, colon: number, floor: number): number {
  let start = colon;
  while (start > floor && (isWord(text[start - 1]) || text[start - 1] === "-")) start--;
  while (start < colon && text[start] === "-") start++;
  return start;
}

/**
 * Where the address ends whose first character after the protocol is at `from`, or 0 if none is
 * there: a run up to its last character that is no punctuation, then groups in parentheses, each
 * of which another run may follow.
 */
function bodyEnd(text: string, from: number): number {
  let end = 0;
  for (let at = from;;) {
    const run = readRun(text, at);
    if (run.lastWord > 0) end = run.lastWord;
    // Trailing punctuation belongs to the sentence, so the address cannot go on behind it.
    const closed = run.end === (run.lastWord || at);
    const close = closed && text[run.end] === "(" ? readRun(text, run.end + 1).end : -1;
    if (close === -1 || text[close] !== ")") return end;
    end = at = close + 1;
  }
}

/** Reads what is neither space nor parenthesis nor an entity other than `&amp;` and `&quot;`. */
function readRun(text: string, from: number): { end: number; lastWord: number } {
  let at = from;
  let lastWord = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === "&") {
      const entity = /&(?:amp|quot);/y;
      entity.lastIndex = at;
      if (!entity.test(text)) break;
      at = entity.lastIndex;
      continue;
    }
    if (/[\s()]/.test(char)) break;
    at++;
    if (!/[!"#$%'*+,.:;<=>?@[\]^`{|}~]/.test(char)) lastWord = at;
  }
  return { end: at, lastWord };
}

function isWord(char = ""): boolean {
  return /[\p{L}\p{N}_]/u.test(char);
}

function makeLink(url: Url, options: LinkifyOptions): string {
  const permitted = new Set(options.permittedProtocols ?? ["http", "https"]);
  const wanted = url.protocol === "" ? !options.requireProtocol : permitted.has(url.protocol);
  if (!wanted) return url.text;
  const href = url.protocol === "" ? `http://${url.text}` : url.text;
  const label = options.shorten ? shortLabel(url) : url.text;
  const title = label === url.text ? "" : ` title="${href}"`;
  return `<a href="${href}"${attributes(options.extraParams, href)}${title}>${label}</a>`;
}

function attributes(extraParams: LinkifyOptions["extraParams"], href: string): string {
  const params = typeof extraParams === "function" ? extraParams(href) : extraParams ?? "";
  return params.trim() === "" ? "" : ` ${params.trim()}`;
}

/** About how many characters a shortened address may have. */
const LABEL_LENGTH = 30;

/** The host and the start of the path: what one recognises an address by. */
function shortLabel(url: Url): string {
  if (url.text.length <= LABEL_LENGTH) return url.text;
  const [host = "", path] = url.text.slice(url.prefix).split("/", 2);
  let label = url.text;
  if (path !== undefined) {
    const start = path.slice(0, 8).replace(/[?.].*$/s, "");
    label = `${url.text.slice(0, url.prefix)}${host}/${start}`;
  }
  if (label.length > LABEL_LENGTH * 1.5) label = label.slice(0, LABEL_LENGTH);
  if (label === url.text) return label;
  const entity = label.lastIndexOf("&");
  if (entity > LABEL_LENGTH - 5) label = label.slice(0, entity);
  return label.length + 3 < url.text.length ? `${label}...` : url.text;
}
