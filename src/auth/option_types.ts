/** The types of the options of log-ins, for their check. */
import {
  checkOptions,
  FUNCTION,
  OBJECT,
  oneOf,
  type OptionType,
  type OptionTypes,
  SECRET,
  SIZE,
  STRING,
  STRINGS,
} from "../checks/option_check.ts";
import type {
  AuthorizeOptions,
  ClientOptions,
  GetAuthenticatedUserOptions,
  OAuth2RequestOptions,
  OpenIDAuthorizeOptions,
  OpenIDRefreshOptions,
} from "./login_options.ts";
import type { OAuthKeys, OAuthServer } from "./oauth_server.ts";
import type { LogoutOptions, UserinfoOptions } from "./open_id.ts";

/** The types of the options of one kind of object. */
type TypesOf<Options> = Readonly<Record<keyof Options, OptionType>> & OptionTypes;

const TEXTS: OptionType = {
  name: "an object of strings",
  test: isRecordOfTexts,
  secret: true,
};
const FORM: OptionType = {
  name: "an object of strings or URLSearchParams",
  test: (value) => value instanceof URLSearchParams || isRecordOfTexts(value),
  secret: true,
};
const ANYTHING: OptionType = {
  name: "anything that JSON can hold",
  test: (value) => !FUNCTION.test(value),
  secret: true,
};
const AGE: OptionType = {
  name: "a finite number from 0",
  test: (value) => SIZE.test(value) && value !== Infinity,
  isRange: true,
};
const CLIENT_AUTH: OptionType = oneOf("post", "basic");

/** Of `ClientOptions`. */
export const CLIENT_TYPES: TypesOf<ClientOptions> = { clientId: STRING, clientSecret: SECRET };

/** Of `AuthorizeOptions`. */
export const AUTHORIZE_TYPES: TypesOf<AuthorizeOptions> = {
  redirectUri: STRING,
  clientId: STRING,
  scope: STRINGS,
  extraParams: TEXTS,
  next: STRING,
};

/** Of `OpenIDAuthorizeOptions`. */
export const OPENID_AUTHORIZE_TYPES: TypesOf<OpenIDAuthorizeOptions> = {
  ...AUTHORIZE_TYPES,
  maxAge: AGE,
};

/** Of `GetAuthenticatedUserOptions`. */
export const USER_TYPES: TypesOf<GetAuthenticatedUserOptions> = {
  ...CLIENT_TYPES,
  redirectUri: STRING,
};

/** Of `OpenIDRefreshOptions`. */
export const REFRESH_TYPES: TypesOf<OpenIDRefreshOptions> = { ...CLIENT_TYPES, subject: STRING };

/** Of `OAuth2RequestOptions`. */
export const REQUEST_TYPES: TypesOf<OAuth2RequestOptions> = {
  accessToken: SECRET,
  args: TEXTS,
  body: FORM,
  json: ANYTHING,
  method: STRING,
  headers: TEXTS,
};

/** Of `UserinfoOptions`. */
export const USERINFO_TYPES: TypesOf<UserinfoOptions> = { accessToken: SECRET, subject: STRING };

/** Of `LogoutOptions`. */
export const LOGOUT_TYPES: TypesOf<LogoutOptions> = {
  ...CLIENT_TYPES,
  idToken: SECRET,
  redirectUri: STRING,
};

const SERVER_TYPES: TypesOf<OAuthServer> = {
  authorizeUrl: STRING,
  accessTokenUrl: STRING,
  revocationUrl: STRING,
  issuer: STRING,
  clientAuth: CLIENT_AUTH,
  metadata: OBJECT,
};
const KEY_TYPES: TypesOf<OAuthKeys> = { key: STRING, secret: SECRET };

/**
 * Checks what a handler says of the server: a word that nobody knows must not decide how the secret
 * travels.
 *
 * @throws {TypeError} If a member is unknown or ill-typed.
 */
export function checkServer(server: OAuthServer): void {
  checkOptions(server, SERVER_TYPES, "member of getOAuthServer()");
}

/**
 * Checks what a handler says of the application.
 *
 * @throws {TypeError} If a member is ill-typed, or there is no key.
 */
export function checkKeys({ key, secret }: OAuthKeys): void {
  checkOptions({ key, secret }, KEY_TYPES, "member of getOAuthKeys()");
  if (key === undefined) throw new TypeError('Cannot log in: getOAuthKeys() gives no "key"');
}

/** What an object of texts holds, without what is `undefined`. */
export function givenTexts(
  texts: Readonly<Record<string, string | undefined>> | undefined,
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(texts ?? {})) {
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function isRecordOfTexts(value: unknown): boolean {
  return OBJECT.test(value) && !Array.isArray(value) &&
    Object.values(Object(value)).every((text) => text === undefined || STRING.test(text));
}
