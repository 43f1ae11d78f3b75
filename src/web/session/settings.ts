/** The setting of sessions. */
import type { OptionType } from "../../checks/option_check.ts";
import type { SettingTable } from "../../checks/setting_table.ts";
import { isSessionOptions, type SessionOptions } from "./session_options.ts";

/**
 * What an application can be told of its sessions.
 *
 * @category Cookies and sessions
 */
export interface SessionSettings {
  /** Where sessions are kept, and how long they last; see `SessionMixin`. Default: in cookies. */
  session?: SessionOptions;
}

const SESSION: OptionType = { name: "the options of sessions", test: isSessionOptions };

/** The check of {@linkcode SessionSettings}; the defaults are those of `SessionOptions`. */
export const SESSION_SETTINGS: SettingTable<SessionSettings, "session"> = { session: SESSION };
