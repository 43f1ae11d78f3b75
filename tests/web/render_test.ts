import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../src/template/dict_loader.ts";
import { BaseLoader } from "../../src/template/base_loader.ts";
import { compile } from "../../src/template/template.ts";
import { PrecompiledLoader } from "../../src/template/precompiled_loader.ts";
import { html } from "../../src/text/html_tag.ts";
import * as locale from "../../src/text/locale.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { UIModule } from "../../src/web/rendering/ui_module.ts";
import { type Answer, RequestHandler } from "../../src/web/request_handler.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { captureLog } from "../support/log_records.ts";

/** A handler that renders `page.html` with `namespace`. */
function rendering(namespace: Record<string, unknown> = {}): HandlerClass {
  return class extends RequestHandler {
    override get(): Answer {
      return this.render("page.html", namespace);
    }
  };
}

/** Serves `handler` at `/`, with templates from `sources`. */
function serving(
  sources: Readonly<Record<string, string>>,
  handler: HandlerClass,
  settings: ApplicationSettings = {},
): (init?: RequestInit) => Promise<Response> {
  const templateLoader = new DictLoader(sources);
  const app = new Application([["/", handler]], { templateLoader, ...settings });
  return (init) => Promise.resolve(app.fetch(new Request("http://localhost/", init)));
}

/** The body that a page has. */
async function page(
  source: string,
  namespace: Record<string, unknown> = {},
  settings: ApplicationSettings = {},
): Promise<string> {
  const fetch = serving({ "page.html": source }, rendering(namespace), settings);
  return await (await fetch()).text();
}
