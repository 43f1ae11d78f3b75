/**
 * What stands in the place of `base_loader.ts` in the package, for Workers: who brings a loader wants pages,
 * which have locales.
 */
import { bringing } from "../../checks/brought_settings_on_workers.ts";
import type { ApplicationSettings } from "../../web/application_settings.ts";
import { withLocales } from "../../web/locale_choice_on_workers.ts";
import { PageKit } from "../../web/pages/page_kit_on_workers.ts";
import { PAGE_SETTINGS } from "../../web/pages/settings.ts";
import { BaseLoader as Loader } from "./base_loader.ts";

const Kit = /* @__PURE__ */ bringing(PageKit, { types: PAGE_SETTINGS });

/** See `base_loader.ts`. */
export abstract class BaseLoader extends Loader {
  /** Makes what renders pages; an application has it from nowhere else. */
  pageKit(settings: Readonly<ApplicationSettings>): PageKit {
    return withLocales(new Kit(settings));
  }
}
