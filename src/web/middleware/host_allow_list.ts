/** The hosts that an application answers for. */
import { excerpt } from "../../http/excerpt.ts";
import { isValidHost, splitHostAndPort } from "../../http/target/host.ts";
import { parseIpv6 } from "../../http/target/ip_address.ts";
import { type Middleware, setsSafeFields } from "./middleware.ts";

/**
 * Answers only requests for hosts on a list; any other with 421 (RFC 9110 §15.5.20), and a malformed
 * `Host` with 400.
 *
 * It is what keeps a stranger's page from reading a server in a private network by a name that points
 * there (DNS rebinding), and links with a stranger's host out of pages and mails. Where a target in
 * the absolute form names another host than `Host` does, both have to be on the list.
 *
 * An entry is a name, a name below which all are meant (`"*.example.com"`, which is not
 * `example.com` itself), or an IP address, IPv6 in brackets. With a port it allows only that one,
 * else any. Case and a dot at the end do not matter, and names may be written with letters that are
 * not ASCII.
 *
 * @param hosts The hosts.
 * @throws {TypeError} If an entry is no host, or there is none.
 *
 * @example
 * ```ts
 * import { Application, hostAllowList } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([["/", () => new Response("ok")]], {
 *   middleware: [hostAllowList(["example.com", "*.example.com", "localhost:8888", "[::1]"])],
 * });
 * const status = async (url: string) => (await app.fetch(new Request(url))).status;
 * assertEquals(await status("http://www.example.com/"), 200);
 * assertEquals(await status("http://evil.example/"), 421);
 * ```
 *
 * @category Middleware
 */
export function hostAllowList(hosts: readonly string[]): Middleware {
  const list = new HostList(hosts);
  return setsSafeFields((_request, next, context) => {
    const { host, protocol, raw } = context;
    if (!isValidHost(host)) {
      return context.answer(400, { logMessage: `Malformed Host header ${excerpt(host)}` });
    }
    const stranger = hostsOf(host, raw.url).find((host) => !list.has(host, protocol));
    if (stranger === undefined) return next();
    return context.answer(421, { logMessage: `Host ${excerpt(stranger)} is not on the list` });
  });
}

/** The host, and that of a target in the absolute form (RFC 9112 §3.2.2), which `Request.url` has. */
function hostsOf(host: string, url: string): readonly string[] {
  const start = url.indexOf("://") + 3;
  const isSame = url.startsWith(host, start) && url[start + host.length] === "/";
  return isSame ? [host] : [host, URL.parse(url)?.host ?? ""];
}

/** A set of hosts, in which one is looked up in a time that does not depend on how many there are. */
export class HostList {
  /** Names, with their ports if they matter. */
  readonly #names: Set<string> = new Set();
  /** What stands behind the dot of `*.`. */
  readonly #parents: Set<string> = new Set();

  /**
   * Reads the list.
   *
   * @throws {TypeError} If an entry is no host, or there is none.
   */
  constructor(entries: readonly string[]) {
    if (!Array.isArray(entries) || entries.length === 0) {
      throw new TypeError("Cannot make an empty list of hosts: name those that are to be answered");
    }
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: unknown): void {
    const text = typeof entry === "string" ? entry : "";
    const isParent = text.startsWith("*.");
    const host = toAscii(isParent ? text.slice(2) : text);
    if (host === null || (isParent && text.startsWith("*.["))) {
      throw new TypeError(
        `Cannot allow the host ${
          excerpt(String(entry))
        }: expected a name, "*." and a name, or an ` +
          "IP address (IPv6 in brackets), and perhaps a port",
      );
    }
    (isParent ? this.#parents : this.#names).add(host);
  }

  /**
   * Tells whether a host is on the list.
   *
   * @param host A well-formed host, with its port if it has one.
   * @param protocol The scheme, whose port goes unsaid.
   */
  has(host: string, protocol: "http" | "https"): boolean {
    const { name: written, port } = splitHostAndPort(host);
    const name = canonical(written);
    const suffix = `:${port ?? (protocol === "https" ? 443 : 80)}`;
    if (this.#names.has(name) || this.#names.has(name + suffix)) return true;
    for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
      const parent = name.slice(dot + 1);
      if (this.#parents.has(parent) || this.#parents.has(parent + suffix)) return true;
    }
    return false;
  }
}

/** A host as it is compared: in lower case, without a dot at the end, IPv6 in full. */
function canonical(name: string): string {
  if (name.startsWith("[")) return parseIpv6(name.slice(1, -1))?.join(":") ?? name;
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

/** An entry of the list in that form, names in Punycode as browsers send them; `null` if it is none. */
function toAscii(entry: string): string | null {
  const { name, port } = splitHostAndPort(entry);
  const isAscii = /^[\0-\x7f]*$/.test(name);
  const ascii = isAscii ? name : URL.parse(`http://${name}/`)?.host ?? "";
  const isName = name.startsWith("[") || /^[\w.-]+$/.test(ascii);
  if (!isName || !isValidHost(ascii) || canonical(ascii) === "") return null;
  return canonical(ascii) + (port === null ? "" : `:${port}`);
}
