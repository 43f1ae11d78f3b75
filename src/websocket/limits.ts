/** How much a WebSocket may take, and for how long: the limits as they follow from their settings. */
import { shown } from "../checks/shown.ts";
import { LONGEST_DELAY } from "../platform/timer.ts";
import {
  CLIENT_LIMITS,
  WEBSOCKET_ROWS,
  type WebSocketClientLimits,
  type WebSocketLimits,
  type WebSocketSettings,
} from "./settings.ts";

type SettingName = keyof WebSocketSettings;

/** The name of the limit that a setting is. */
type LimitName<Name extends SettingName> = Name extends `websocket${infer Limit}`
  ? Uncapitalize<Limit>
  : never;

/** The limits that the settings make. A limit without a setting is a type error where it is returned. */
type LimitsOfSettings = {
  readonly [Name in SettingName as LimitName<Name>]-?: NonNullable<WebSocketSettings[Name]>;
};

/** Every limit and its setting. A setting without a limit is a type error. */
const LIMITS: readonly (readonly [limit: keyof WebSocketLimits, setting: SettingName])[] =
  (Object.keys(WEBSOCKET_ROWS) as SettingName[]).map((name) => [limitName(name), name]);

/** The limits of an application that sets none. */
export const DEFAULT_LIMITS: WebSocketLimits = {
  ...collect((_, setting) => Object(WEBSOCKET_ROWS[setting]).default),
  pingTimeout: WEBSOCKET_ROWS.websocketPingInterval.default,
};

/** The limits that a handler had last: what it said, and what that comes to. */
let latest: { readonly said: readonly unknown[]; readonly limits: WebSocketLimits } = {
  said: [],
  limits: DEFAULT_LIMITS,
};

/**
 * A handler's limits as they are at the upgrade. Connections whose limits are the same, which nearly
 * all are, share one object.
 *
 * @throws {RangeError} If one of them is a number out of range.
 * @throws {TypeError} If one of them is of the wrong type.
 */
export function limitsOf(source: WebSocketLimits): WebSocketLimits {
  const said = LIMITS.map(([limit]) => source[limit]);
  if (!said.every((value, i) => value === latest.said[i])) {
    latest = { said, limits: readLimits(source) };
  }
  return latest.limits;
}

/**
 * A client's limits: what its options say, and the defaults of the settings.
 *
 * @param options The options, which have been checked.
 */
export function clientLimitsOf(options: WebSocketClientLimits): WebSocketLimits {
  const { pingInterval = DEFAULT_LIMITS.pingInterval } = options;
  const limits = { ...DEFAULT_LIMITS, pingTimeout: pingInterval };
  for (const name of Object.keys(CLIENT_LIMITS) as (keyof WebSocketClientLimits)[]) {
    limits[name] = options[name] ?? limits[name];
  }
  return limits;
}

/** A handler, as its limits see it. */
interface LimitedHandler {
  readonly settings: WebSocketSettings;
}

/**
 * Gives handlers their limits: a getter for each, unless the prototype has one.
 *
 * @param prototype The prototype of their class.
 */
export function defineLimits(prototype: LimitedHandler): void {
  for (const [limit, setting] of LIMITS) {
    if (Object.hasOwn(prototype, limit)) continue;
    Object.defineProperty(prototype, limit, {
      configurable: true,
      get(this: LimitedHandler) {
        return this.settings[setting] ?? DEFAULT_LIMITS[limit];
      },
    });
  }
}

/**
 * Milliseconds without traffic after which a peer is dead: when it has not answered the ping that it
 * got in the meantime. 0 for never.
 */
export function silenceLimit(
  { pingInterval, pingTimeout }: Pick<WebSocketLimits, "pingInterval" | "pingTimeout">,
): number {
  return pingInterval === 0 ? 0 : Math.min(pingInterval + pingTimeout, LONGEST_DELAY);
}

function readLimits(source: WebSocketLimits): WebSocketLimits {
  const limits = collect((limit, setting) => checked(source, limit, setting));
  return {
    ...limits,
    highWaterMark: Math.min(limits.highWaterMark, limits.maxBufferedBytes),
    closeTimeout: Math.min(limits.closeTimeout, LONGEST_DELAY),
  };
}

function checked(
  source: WebSocketLimits,
  limit: keyof WebSocketLimits,
  setting: SettingName,
): unknown {
  const value = source[limit];
  const { test, name } = WEBSOCKET_ROWS[setting];
  // Where nobody is pinged, any time to answer will do.
  if (test(value) || limit === "pingTimeout" && source.pingInterval === 0) return value;
  const Kind = typeof value === "number" ? RangeError : TypeError;
  throw new Kind(`Cannot use ${shown(value)} as the ${limit} of a WebSocket: expected ${name}`);
}

/** Builds the limits; their types are those of the settings, as `value` has to see to. */
function collect(
  value: (limit: keyof WebSocketLimits, setting: SettingName) => unknown,
): WebSocketLimits {
  const entries = LIMITS.map(([limit, setting]) => [limit, value(limit, setting)]);
  const limits: LimitsOfSettings = Object.fromEntries(entries);
  return limits;
}

function limitName<Name extends SettingName>(setting: Name): LimitName<Name> {
  const name = setting.slice("websocket".length);
  // What the type computes, too.
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}` as LimitName<Name>;
}
