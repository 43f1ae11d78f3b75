/** The settings of log-ins with others: what providers know the application by. */
import { type OptionType, SECRET, type SettingTable, STRING } from "../checks/option_check.ts";
import type { OAuthKeys, OpenIDSettings } from "./oauth_server.ts";

/**
 * What an application can be told of the providers of its log-ins.
 *
 * @category Log-in
 */
export interface AuthSettings {
  /**
   * The provider of `OpenIDConnectMixin`, and what it knows the application by. Hidden, as all that
   * holds a secret, from `Object.keys`, JSON and `console.log` of the settings. Default none.
   */
  openidConnect?: OpenIDSettings;
  /** What Google knows the application by, for `GoogleOAuth2Mixin`; hidden. Default none. */
  googleOauth?: OAuthKeys;
  /** What GitHub knows the application by, for `GitHubOAuth2Mixin`; hidden. Default none. */
  githubOauth?: OAuthKeys;
  /** The identifier of the application at Facebook, for `FacebookGraphMixin`. Default none. */
  facebookApiKey?: string;
  /** The secret of the application at Facebook; hidden. Default none. */
  facebookSecret?: string;
}

const OAUTH_KEYS: OptionType = {
  name: "an object { key, secret? } of strings",
  test: isOAuthKeys,
  secret: true,
};
const OPENID_SETTINGS: OptionType = {
  name: "an object { issuer, key, secret? } of strings",
  test: (value) => isOAuthKeys(value) && STRING.test(Object(value).issuer),
  secret: true,
};

/** The checks of {@linkcode AuthSettings}; none has a default. */
export const AUTH_SETTINGS: SettingTable<AuthSettings, keyof AuthSettings> = {
  openidConnect: OPENID_SETTINGS,
  googleOauth: OAUTH_KEYS,
  githubOauth: OAUTH_KEYS,
  facebookApiKey: STRING,
  facebookSecret: SECRET,
};

function isOAuthKeys(value: unknown): boolean {
  const { key, secret } = Object(value);
  return typeof key === "string" && (secret === undefined || typeof secret === "string");
}
