/** The grammar of JSON-RPC 2.0: what comes is read, and what leaves is written. Nothing is run here. */
import { isNestedTooDeep } from "../../http/input_error.ts";
import { invalidRequest, JSONRPCError, RPCErrorCode } from "./json_rpc_error.ts";

/**
 * The parameters of a call: by position, or by name.
 *
 * @category WebSockets and event streams
 */
export type RPCParams = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What an answer is told apart by. */
export type RPCId = string | number | null;

/** A method is to be run. */
export interface RPCCall {
  readonly kind: "call";
  readonly method: string;
  readonly params: RPCParams | undefined;
  /** `undefined` for a notification, which is never answered. */
  readonly id: RPCId | undefined;
}

/** The other side answers a call of this side. */
export interface RPCReply {
  readonly kind: "reply";
  readonly id: RPCId;
  readonly result: unknown;
  /** What the call failed with. */
  readonly error: JSONRPCError | undefined;
}

/** What is neither, and has to be answered with an error. */
export interface RPCFault {
  readonly kind: "fault";
  readonly id: RPCId;
  readonly error: JSONRPCError;
}

/** One object of a message. */
export type RPCItem = RPCCall | RPCReply | RPCFault;

/** A message: one object, or a batch. */
export interface RPCMessage {
  readonly isBatch: boolean;
  readonly items: readonly RPCItem[];
}

/**
 * Reads a message. It never throws: what is wrong with it becomes a fault.
 *
 * @param message The text, or its bytes in UTF-8.
 * @param maxBatch How many objects a batch may have. A larger one is a single fault.
 */
export function readMessage(message: string | Uint8Array, maxBatch: number): RPCMessage {
  const parsed = parse(message);
  if (parsed === undefined) return single(fault(parseError()));
  const { value } = parsed;
  if (!Array.isArray(value)) return single(readItem(value));
  if (value.length === 0) return single(fault(invalidRequest("The batch is empty")));
  if (value.length > maxBatch) {
    return single(fault(invalidRequest(`A batch has ${maxBatch} requests at most`)));
  }
  return { isBatch: true, items: value.map(readItem) };
}

/** The text of a call, or of a notification where there is no id. */
export function callText(method: string, params: RPCParams | undefined, id?: number): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params, id });
}

/**
 * The text of an answer. `undefined` is `null`.
 *
 * @throws {TypeError} If the result cannot be JSON.
 */
export function resultText(id: RPCId, result: unknown): string {
  // A function has no JSON either.
  const json: string | undefined = JSON.stringify(result);
  return `{"jsonrpc":"2.0","result":${json ?? "null"},"id":${JSON.stringify(id)}}`;
}

/**
 * The text of an answer that is an error.
 *
 * @throws {TypeError} If its data cannot be JSON.
 */
export function errorText(id: RPCId, { code, message, data }: JSONRPCError): string {
  return JSON.stringify({ jsonrpc: "2.0", error: { code, message, data }, id });
}

function single(item: RPCItem): RPCMessage {
  return { isBatch: false, items: [item] };
}

function parse(message: string | Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = typeof message === "string"
      ? message
      : new TextDecoder("utf-8", { fatal: true }).decode(message);
    return isNestedTooDeep(text) ? undefined : { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function readItem(value: unknown): RPCItem {
  if (!isRecord(value)) return fault(invalidRequest());
  if (isReply(value)) return readReply(value);
  const { jsonrpc, method, params, id } = value;
  if (!isIdOrNone(id)) return fault(invalidRequest("An id is a string, a number or null"));
  if (jsonrpc !== "2.0") return fault(invalidRequest('The member "jsonrpc" is not "2.0"'), id);
  if (typeof method !== "string") return fault(invalidRequest("A method is a string"), id);
  if (params !== undefined && !isParams(params)) {
    return fault(invalidRequest("Parameters are an array or an object"), id);
  }
  return { kind: "call", method, params, id };
}

/** An answer to an answer would be answered in its turn. */
function isReply(value: Readonly<Record<string, unknown>>): boolean {
  return !("method" in value) && ("result" in value || "error" in value);
}

function readReply({ id, result, error }: Readonly<Record<string, unknown>>): RPCReply {
  return {
    kind: "reply",
    id: isId(id) ? id : null,
    result,
    error: error === undefined || error === null ? undefined : readError(error),
  };
}

function readError(value: unknown): JSONRPCError {
  const { code, message, data } = isRecord(value) ? value : {};
  return new JSONRPCError(
    Number.isSafeInteger(code) ? Number(code) : RPCErrorCode.internal,
    typeof message === "string" ? message : "The error has no message",
    data,
  );
}

function fault(error: JSONRPCError, id: RPCId = null): RPCFault {
  return { kind: "fault", id, error };
}

function parseError(): JSONRPCError {
  return new JSONRPCError(RPCErrorCode.parse, "Parse error");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isParams(value: unknown): value is RPCParams {
  return typeof value === "object" && value !== null;
}

function isIdOrNone(value: unknown): value is RPCId | undefined {
  return value === undefined || isId(value);
}

/** A number that has lost its last digits would come back as another one. */
function isId(value: unknown): value is RPCId {
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return value === null || typeof value === "string";
}
