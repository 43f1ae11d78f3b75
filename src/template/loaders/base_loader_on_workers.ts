/** What stands in the place of `base_loader.ts` in the package, for Workers: who brings a loader wants pages. */
import type { ApplicationSettings } from "../../web/application_settings.ts";
import { PageKit } from "../../web/pages/page_kit.ts";
import { BaseLoader as Loader } from "./base_loader.ts";

/** See `base_loader.ts`. */
export abstract class BaseLoader extends Loader {
  /** Makes what renders pages; an application has it from nowhere else. */
  pageKit(settings: Readonly<ApplicationSettings>): Promise<PageKit> {
    return Promise.resolve(new PageKit(settings));
  }
}
