import type { BaseLoader, LoaderOptions } from "../../template/loaders/base_loader.ts";
import { atOnce } from "../../concurrent/coroutine/promise_like.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { RequestHandler } from "../request_handler.ts";
import { Page } from "./page.ts";
import type { UIModuleClass } from "./ui_module.ts";
import { type UIMethod, uiMethodsOf, uiModulesOf } from "./ui_settings.ts";

const NOT_ASYNC = "it must not be async; load what it needs before the server starts";

/** What makes loaders of directories. */
export type LoaderClass = new (root: string, options: LoaderOptions) => BaseLoader;

/** What the pages of one application share: its templates, UI modules and UI methods. */
export class PageKit {
  /** The UI modules by their names. */
  readonly modules: ReadonlyMap<string, UIModuleClass>;
  /** The UI methods by their names. */
  readonly methods: ReadonlyMap<string, UIMethod>;
  readonly #settings: Readonly<ApplicationSettings>;
  readonly #loaders = new Map<string, BaseLoader>();
  readonly #loaderClass: LoaderClass | undefined;

  /**
   * @param settings The settings of the application.
   * @param loaderClass The loader of directories, which only the setting `templatePath` needs: it brings
   *   the template compiler along, which applications without templates shall not carry.
   */
  constructor(settings: Readonly<ApplicationSettings>, loaderClass?: LoaderClass) {
    this.#settings = settings;
    this.#loaderClass = loaderClass;
    this.modules = uiModulesOf(settings.uiModules);
    this.methods = uiMethodsOf(settings.uiMethods);
  }

  /** The page of a handler. */
  pageOf(handler: RequestHandler): Page {
    return new Page(handler, this);
  }

  /**
   * The loader of a handler's templates. When compiled templates are not to be kept, it has
   * forgotten them.
   */
  loaderOf(handler: RequestHandler): BaseLoader {
    const path = atOnce(handler.getTemplatePath(), "getTemplatePath()", NOT_ASYNC) ?? "";
    const loader = this.#loaders.get(path) ??
      atOnce(handler.createTemplateLoader(path), "createTemplateLoader()", NOT_ASYNC);
    this.#loaders.set(path, loader);
    const { compiledTemplateCache, debug = false } = this.#settings;
    if (!(compiledTemplateCache ?? !debug)) loader.reset();
    return loader;
  }

  /**
   * Makes the loader that the settings ask for.
   *
   * @param path The directory of the templates; `""` for none.
   * @throws {Error} If the settings name neither templates nor a loader.
   */
  createLoader(path: string): BaseLoader {
    const { templateLoader, autoescape, templateWhitespace } = this.#settings;
    if (templateLoader !== undefined) return templateLoader;
    if (path === "") {
      throw new Error(
        'Cannot render a template: set "templatePath" or "templateLoader" in the settings of the ' +
          "application",
      );
    }
    if (this.#loaderClass === undefined) {
      throw new Error(
        `Cannot load templates from "${path}": the loader of directories is not there. Set ` +
          '"templatePath", or give the setting "templateLoader" a loader',
      );
    }
    return new this.#loaderClass(path, {
      ...(autoescape === undefined ? {} : { autoescape }),
      ...(templateWhitespace === undefined ? {} : { whitespace: templateWhitespace }),
    });
  }
}
