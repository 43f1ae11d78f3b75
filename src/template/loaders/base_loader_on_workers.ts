/**
 * What stands in the place of `base_loader.ts` in the package, for Workers: who brings a loader wants pages,
 * which have locales.
 */
import type { ApplicationSettings } from "../../web/application_settings.ts";
import { withLocales } from "../../web/locale_choice_on_workers.ts";
import { PageKit } from "../../web/pages/page_kit_on_workers.ts";
import { BaseLoader as Loader } from "./base_loader.ts";

/** See `base_loader.ts`. */
export abstract class BaseLoader extends Loader {
  /** Makes what renders pages; an application has it from nowhere else. */
  pageKit(settings: Readonly<ApplicationSettings>): Promise<PageKit> {
    return Promise.resolve(withLocales(new PageKit(settings)));
  }
}
