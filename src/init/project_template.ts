/** What a project may begin as. */
import { shown } from "../checks/shown.ts";
import { API_FILES } from "./files/api.ts";
import { CHAT_FILES } from "./files/chat.ts";
import { SHARED_FILES } from "./files/shared.ts";
import { SITE_FILES } from "./files/site.ts";

/**
 * What a project begins as: a chat of topics, a JSON API, or a site of pages with forms and a log-in.
 *
 * @category Servers and runtimes
 */
export type ProjectTemplate = "chat" | "api" | "site";

/** The templates, and what each is in a few words. */
export const TEMPLATES: Readonly<Record<ProjectTemplate, string>> = {
  api: "a JSON API: bearer tokens, input that is checked, errors in JSON, SQLite",
  chat: "a chat: topics with history, who is there, the browser's client",
  site: "a site: templates, forms, sign-up and log-in, SQLite",
};

/** The one that is taken where nobody says or can be asked. */
export const DEFAULT_TEMPLATE: ProjectTemplate = "api";

const FILES: Readonly<Record<ProjectTemplate, Readonly<Record<string, string>>>> = {
  api: API_FILES,
  chat: CHAT_FILES,
  site: SITE_FILES,
};

/**
 * Checks the name of a template.
 *
 * @throws {TypeError} If there is none of that name.
 */
export function checkTemplate(name: unknown): ProjectTemplate {
  const names = Object.keys(TEMPLATES).filter(isTemplate);
  const found = names.find((each) => each === name);
  if (found !== undefined) return found;
  throw new TypeError(`Unknown template ${shown(name)}: expected ${names.join(", ")}`);
}

function isTemplate(name: string): name is ProjectTemplate {
  return Object.hasOwn(TEMPLATES, name);
}

/** The texts of a template's files, by their paths in the project. */
export function filesOf(template: ProjectTemplate): Readonly<Record<string, string>> {
  return { ...SHARED_FILES, ...FILES[template] };
}
