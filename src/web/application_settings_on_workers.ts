/**
 * What stands in the place of `application_settings.ts` in the package, for Workers: parts bring their
 * settings along. Of a part that is not there, and of servers, the names are known, and nobody reads the
 * values.
 */
import { broughtTypes, checkBrought } from "../checks/brought_settings_on_workers.ts";
import { checkOptions, type OptionType, type OptionTypes } from "../checks/option_check.ts";
import { REQUEST_SETTINGS } from "../server/settings.ts";
import { type ApplicationSettings, hideThose, OWN_SETTINGS } from "./application_settings.ts";
import { FORM_SETTINGS } from "./request/settings.ts";
import { checkSignedSettings, SIGNED_SETTINGS } from "./signed/settings.ts";

const ANYTHING: OptionType = { name: "anything", test: () => true };
const SECRET: OptionType = { ...ANYTHING, secret: true };

const OF_PARTS =
  "xheaders trustedDownstream graceMs drainMs unhandledErrors topics broker session " +
  "staticPath staticUrlPrefix staticHandlerClass staticHandlerArgs mediaTypes staticHashCache " +
  "staticCacheSize templatePath templateLoader autoescape templateWhitespace compiledTemplateCache " +
  "uiModules uiMethods websocketPingInterval websocketPingTimeout websocketMaxMessageSize " +
  "websocketHighWaterMark websocketMaxBufferedBytes websocketOnSlow websocketInboxMessages " +
  "websocketInboxBytes websocketCloseTimeout facebookApiKey";
const SECRETS_OF_PARTS = "openidConnect googleOauth githubOauth facebookSecret";

/** What may stand in the settings, as far as their parts are there. */
export function settingTypes(): OptionTypes {
  return {
    ...named(OF_PARTS, ANYTHING),
    ...named(SECRETS_OF_PARTS, SECRET),
    ...REQUEST_SETTINGS,
    ...FORM_SETTINGS,
    ...SIGNED_SETTINGS,
    ...OWN_SETTINGS,
    ...broughtTypes(),
  };
}

function named(names: string, type: OptionType): OptionTypes {
  return Object.fromEntries(names.split(" ").map((name) => [name, type]));
}

/** See `application_settings.ts`. */
export function checkSettings(settings: ApplicationSettings): void {
  checkOptions(settings, settingTypes(), "setting", ownHint);
  checkSignedSettings(settings);
  checkBrought(settings);
}

function ownHint(): string {
  return ': what is your own goes into the setting "own"';
}

/** See `application_settings.ts`. */
export function hideSecrets<Own extends object>(
  settings: ApplicationSettings<Own>,
): Readonly<ApplicationSettings<Own>> {
  return hideThose(settings, settingTypes());
}
