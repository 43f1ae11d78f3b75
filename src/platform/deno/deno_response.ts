/** Responses of text, by the runtime's fastest way. */

/**
 * What `Deno.serve` keeps of a `Response` that is text and has one header field, the content type.
 *
 * It takes such a response straight to the socket, without ever making a list of its fields; but it
 * only makes one of the types text/plain and application/json, by `Response.json`. These members are
 * what a response of JSON has, and one of plain text has not. They are not public: they are used only
 * where nothing else tells the two apart, and never relied on.
 */
interface Members {
  /** What says how the content type is kept, and its value if it is kept apart. */
  readonly kind: symbol;
  readonly apart: unknown;
  /** The content type, for the socket. */
  readonly sent: symbol;
  /** The content type, for those who look at the header fields. */
  readonly shown: symbol;
}

const JSON_TYPE = "application/json";
/** `undefined` as long as the runtime is not known, `null` where it is not as described above. */
let members: Members | null | undefined;
/** The first response of a process does not wait for what makes the others faster. */
let isFirst = true;

/**
 * A response with status 200, and no header field but the content type.
 *
 * @param body Its text.
 * @param contentType A valid field value: nothing is checked.
 */
export function textResponse(body: string, contentType: string): Response {
  const response = new Response(body);
  if (members === undefined && !isFirst) members = findMembers();
  isFirst = false;
  if (members == null) {
    // Setting the field costs less than handing it to the constructor.
    response.headers.set("content-type", contentType);
    return response;
  }
  return withType(response, members, contentType);
}

function withType(response: Response, members: Members, contentType: string): Response {
  const kept = response as unknown as Record<symbol, unknown>;
  kept[members.kind] = members.apart;
  kept[members.sent] = contentType;
  kept[members.shown] = contentType;
  return response;
}

function findMembers(): Members | null {
  const text = symbolMembers(new Response("{}"));
  const json = symbolMembers(Response.json({}));
  const changed = [...json].filter(([symbol, value]) =>
    !isObject(value) && text.get(symbol) !== value
  );
  const types = changed.filter(([symbol, value]) =>
    value === JSON_TYPE && text.get(symbol) === null
  );
  const kinds = changed.filter(([symbol, value]) =>
    typeof value === "number" && typeof text.get(symbol) === "number"
  );
  const [sent, shown] = types;
  const [kind] = kinds;
  const known = json.size === text.size && changed.length === 3;
  if (!known || sent === undefined || shown === undefined || kind === undefined) return null;
  const found = { kind: kind[0], apart: kind[1], sent: sent[0], shown: shown[0] };
  const probe = withType(new Response("probe"), found, "text/x-probe");
  return probe.headers.get("content-type") === "text/x-probe" ? found : null;
}

function symbolMembers(response: Response): ReadonlyMap<symbol, unknown> {
  const kept = response as unknown as Record<symbol, unknown>;
  return new Map(Object.getOwnPropertySymbols(kept).map((symbol) => [symbol, kept[symbol]]));
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
