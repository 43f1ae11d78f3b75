import { type Answer, Application, HTTPError, locale, RequestHandler } from "@gustnado/gustnado";
import { ENTRIES } from "./entries.ts";
import * as uiModules from "./ui_modules.ts";

/** The journal, with its routes, templates and translations. */
export function journalApplication(): Application {
  locale.loadTranslations(`${import.meta.dirname}/locales`);
  return new Application([
    ["/", HomeHandler, {}, "home"],
    ["/entry/:slug", EntryHandler, {}, "entry"],
  ], {
    staticPath: `${import.meta.dirname}/static`,
    templatePath: `${import.meta.dirname}/templates`,
    uiModules,
  });
}

/** What all pages have in common. */
abstract class JournalHandler extends RequestHandler {
  /** Remembers the language that a link asks for. */
  override prepare(): void {
    const language = this.getArgument("language", "");
    if (locale.getSupportedLocales().includes(language)) this.setCookie("language", language);
  }

  /** The language that was asked for, here or before; without one, the browser's counts. */
  override getUserLocale(): string | null {
    return this.getArgument("language", null) ?? this.getCookie("language");
  }

  override getTemplateNamespace(): Record<string, unknown> {
    return { languages: locale.getSupportedLocales().map((code) => locale.get(code)) };
  }
}

/** All entries. */
class HomeHandler extends JournalHandler {
  override get(): Answer {
    return this.render("home.html", { entries: ENTRIES });
  }
}

/** One entry. */
class EntryHandler extends JournalHandler {
  override get(slug: string): Answer {
    const entry = ENTRIES.find((each) => each.slug === slug);
    if (entry === undefined) throw new HTTPError(404);
    return this.render("entry.html", { entry });
  }
}
