/**
 * Parts of pages, with the scripts and styles that they need (`tornado.web.UIModule`). What `render` needs
 * beside them is loaded by the settings.
 *
 * Here are {@linkcode UIModule}, {@linkcode TemplateModule}.
 *
 * @example
 * ```ts
 * import { UIModule } from "@gustnado/gustnado/pages";
 * import { DictLoader } from "@gustnado/gustnado/template";
 * import { Application, RequestHandler } from "@gustnado/gustnado/web";
 * import { assertEquals } from "@std/assert";
 *
 * class Stars extends UIModule {
 *   override render(count: number) {
 *     return "★".repeat(count);
 *   }
 * }
 *
 * class Review extends RequestHandler {
 *   override get() {
 *     this.render("review.html", { rating: 4 });
 *   }
 * }
 *
 * const templateLoader = new DictLoader({ "review.html": "{% module Stars(rating) %}" });
 * const app = new Application([["/", Review]], { templateLoader, uiModules: { Stars } });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), "★★★★");
 * ```
 *
 * @module
 */
export { TemplateModule, type TemplateResources } from "./template_module.ts";
export { UIModule, type UIModuleClass, type UIModuleOutput } from "./ui_module.ts";
export type { UIMethod, UINames } from "./ui_settings.ts";
