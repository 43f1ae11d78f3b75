/** Header fields that make browsers careful. */
import { checkFieldValue } from "../../http/fields/field.ts";
import { BOOLEAN, checkOptions, type OptionType, SIZE } from "../../checks/option_check.ts";
import { mapResponse, type Middleware, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";
import { ContentSecurityPolicy, type CspDirectives, newNonce } from "./content_security_policy.ts";

/**
 * Over https only: browsers shall not come by http again.
 *
 * @category Middleware
 */
export interface StrictTransportSecurityOptions {
  /** Milliseconds for which they remember it. Sent in whole seconds. Default 180 days. */
  readonly maxAgeMs?: number;
  /** All hosts below this one, too: each of them has to have https by then. Default `false`. */
  readonly includeSubDomains?: boolean;
  /** Allows browsers to ship the host in their lists, which is hard to take back. Default `false`. */
  readonly preload?: boolean;
}

/**
 * What browsers are told. `false` leaves a field out.
 *
 * @category Middleware
 */
export interface SecurityHeadersOptions {
  /**
   * `Content-Security-Policy`: what differs from the default policy, by directive. The default lets
   * pages use what comes from their own origin, images also from `data:`; scripts and styles in the
   * page need the nonce; forms go to the own origin; nobody may frame the page.
   */
  readonly contentSecurityPolicy?: CspDirectives | false;
  /** Only report what the policy would forbid. Default `false`. */
  readonly reportOnly?: boolean;
  /** `Strict-Transport-Security`, over https. Default: 180 days, this host. */
  readonly strictTransportSecurity?: StrictTransportSecurityOptions | false;
  /** `X-Content-Type-Options: nosniff`. Default `true`. */
  readonly xContentTypeOptions?: boolean;
  /**
   * `X-Frame-Options`, for browsers that do not know `frame-ancestors`. By default it says the same,
   * as far as it can; `"DENY"` without a policy.
   */
  readonly xFrameOptions?: "DENY" | "SAMEORIGIN" | false;
  /** `Referrer-Policy`. Default `"same-origin"`: other sites do not learn where a visitor was. */
  readonly referrerPolicy?: string | false;
  /** `Cross-Origin-Opener-Policy`. Default `"same-origin"`. */
  readonly crossOriginOpenerPolicy?: string | false;
  /**
   * `Cross-Origin-Resource-Policy`. Default `"same-origin"`: pages of other origins cannot embed what
   * is here, but for what `cors` lets them fetch.
   */
  readonly crossOriginResourcePolicy?: string | false;
  /** `Cross-Origin-Embedder-Policy`. Default `false`. */
  readonly crossOriginEmbedderPolicy?: string | false;
  /** `Permissions-Policy`. By default camera, microphone, place, payment, screen and USB are off. */
  readonly permissionsPolicy?: string | false;
}

const POLICY: OptionType = {
  name: "an object of directives, or false",
  test: (value) => value === false || isRecord(value),
};
const TEXT: OptionType = {
  name: "a text, or false",
  test: (value) => value === false || typeof value === "string",
};

const OPTIONS: Readonly<Record<keyof SecurityHeadersOptions, OptionType>> = {
  contentSecurityPolicy: POLICY,
  reportOnly: BOOLEAN,
  strictTransportSecurity: {
    name: "an object of options, or false",
    test: (value) => value === false || isRecord(value),
  },
  xContentTypeOptions: BOOLEAN,
  xFrameOptions: {
    name: '"DENY", "SAMEORIGIN" or false',
    test: (value) => value === false || value === "DENY" || value === "SAMEORIGIN",
  },
  referrerPolicy: TEXT,
  crossOriginOpenerPolicy: TEXT,
  crossOriginResourcePolicy: TEXT,
  crossOriginEmbedderPolicy: TEXT,
  permissionsPolicy: TEXT,
};

const TRANSPORT_OPTIONS: Readonly<Record<keyof StrictTransportSecurityOptions, OptionType>> = {
  maxAgeMs: SIZE,
  includeSubDomains: BOOLEAN,
  preload: BOOLEAN,
};

const DAY = 24 * 60 * 60 * 1000;
const PERMISSIONS =
  "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/**
 * Sets the header fields that make browsers careful, on every response, error pages included.
 *
 * A field that a handler has set itself stays as it is. Scripts and styles in a page need the nonce:
 * `<script nonce="{{ cspNonce }}">` in templates, `this.cspNonce` in handlers, `context.cspNonce` in
 * fetch functions; those of UI modules have it already. A nonce is of use once, so do not let shared
 * caches keep pages with it.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, securityHeaders } from "@gustnado/gustnado";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * class Page extends RequestHandler {
 *   override get() {
 *     this.write(`<script nonce="${this.cspNonce}">document.title = "Hello"</script>`);
 *   }
 * }
 *
 * const contentSecurityPolicy = { "img-src": ["'self'", "https://images.example.com"] };
 * const app = new Application([["/", Page]], {
 *   middleware: [securityHeaders({ contentSecurityPolicy })],
 * });
 * const { headers } = await app.fetch(new Request("http://localhost/"));
 * assertEquals(headers.get("X-Content-Type-Options"), "nosniff");
 * assertStringIncludes(headers.get("Content-Security-Policy") ?? "", "images.example.com");
 * ```
 *
 * @category Middleware
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  checkOptions(options, OPTIONS, "option of securityHeaders()");
  const { contentSecurityPolicy = {} } = options;
  const policy = contentSecurityPolicy === false
    ? null
    : new ContentSecurityPolicy(contentSecurityPolicy);
  const policyField = options.reportOnly
    ? "content-security-policy-report-only"
    : "content-security-policy";
  const transport = transportSecurity(options.strictTransportSecurity ?? {});
  const fixed = fixedFields(options, policy);
  return setsSafeFields((_request, next, context) => {
    if (policy?.usesNonce) context.cspNonce ||= newNonce();
    return mapResponse(next(), (response) => {
      // A page that a browser has kept has the nonce of its own time, which a 304 must not replace.
      if (response.status === 101 || response.status === 304) return response;
      const { headers } = response;
      for (const [name, value] of fixed) if (!headers.has(name)) headers.set(name, value);
      if (policy !== null && !headers.has(policyField)) {
        headers.set(policyField, policy.format(context.cspNonce));
      }
      if (transport !== null) addTransportSecurity(headers, transport, context);
      return response;
    });
  });
}

/** A host that is reached by http would lock its visitors out (RFC 6797 §7.2). */
function addTransportSecurity(headers: Headers, value: string, context: RequestContext): void {
  if (context.protocol !== "https" || headers.has("strict-transport-security")) return;
  headers.set("strict-transport-security", value);
}

function transportSecurity(options: StrictTransportSecurityOptions | false): string | null {
  if (options === false) return null;
  checkOptions(options, TRANSPORT_OPTIONS, "option of strictTransportSecurity");
  const { maxAgeMs = 180 * DAY, includeSubDomains = false, preload = false } = options;
  if (!Number.isFinite(maxAgeMs)) {
    throw new RangeError(`Cannot use ${maxAgeMs} as "maxAgeMs" of strictTransportSecurity`);
  }
  // Seconds are sent as an integer that every browser can read.
  return `max-age=${Math.min(Math.floor(maxAgeMs / 1000), 2 ** 31 - 1)}` +
    (includeSubDomains ? "; includeSubDomains" : "") + (preload ? "; preload" : "");
}

/** The fields that are the same on every response. */
function fixedFields(
  options: SecurityHeadersOptions,
  policy: ContentSecurityPolicy | null,
): readonly (readonly [name: string, value: string])[] {
  const {
    xContentTypeOptions = true,
    xFrameOptions = frameOptions(policy),
    referrerPolicy = "same-origin",
    crossOriginOpenerPolicy = "same-origin",
    crossOriginResourcePolicy = "same-origin",
    crossOriginEmbedderPolicy = false,
    permissionsPolicy = PERMISSIONS,
  } = options;
  const fields = Object.entries({
    "x-content-type-options": xContentTypeOptions && "nosniff",
    "x-frame-options": xFrameOptions,
    "referrer-policy": referrerPolicy,
    "cross-origin-opener-policy": crossOriginOpenerPolicy,
    "cross-origin-resource-policy": crossOriginResourcePolicy,
    "cross-origin-embedder-policy": crossOriginEmbedderPolicy,
    "permissions-policy": permissionsPolicy,
  });
  const present = fields.filter((entry): entry is [string, string] => entry[1] !== false);
  for (const [name, value] of present) checkFieldValue(name, value);
  return present;
}

/** What `frame-ancestors` says, in the words of the older field, which knows only these two. */
function frameOptions(policy: ContentSecurityPolicy | null): "DENY" | "SAMEORIGIN" | false {
  if (policy === null) return "DENY";
  const ancestors = policy.frameAncestors?.join(" ");
  return ancestors === "'none'" ? "DENY" : ancestors === "'self'" ? "SAMEORIGIN" : false;
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
