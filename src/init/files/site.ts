/** The files of a site. */
import envExample from "../templates/site/.env.example" with { type: "text" };
import readmeMd from "../templates/site/README.md" with { type: "text" };
import accounts from "../templates/site/accounts.ts" with { type: "text" };
import database from "../templates/site/database.ts" with { type: "text" };
import denoJson from "../templates/site/deno.json" with { type: "text" };
import main from "../templates/site/main.ts" with { type: "text" };
import notes from "../templates/site/notes.ts" with { type: "text" };
import pages from "../templates/site/pages.ts" with { type: "text" };
import siteApplication from "../templates/site/site_application.ts" with { type: "text" };
import staticIconSvg from "../templates/site/static/icon.svg" with { type: "text" };
import staticSiteCss from "../templates/site/static/site.css" with { type: "text" };
import templatesBaseHtml from "../templates/site/templates/base.html" with { type: "text" };
import templatesErrorHtml from "../templates/site/templates/error.html" with { type: "text" };
import templatesFormHtml from "../templates/site/templates/form.html" with { type: "text" };
import templatesHomeHtml from "../templates/site/templates/home.html" with { type: "text" };
import templatesLoginHtml from "../templates/site/templates/login.html" with { type: "text" };
import templatesSignupHtml from "../templates/site/templates/signup.html" with { type: "text" };
import testsAccountTest from "../templates/site/tests/account_test.ts" with { type: "text" };
import testsNotesTest from "../templates/site/tests/notes_test.ts" with { type: "text" };
import testsTestSite from "../templates/site/tests/test_site.ts" with { type: "text" };

/** Their texts, by their paths in the project. */
export const SITE_FILES: Readonly<Record<string, string>> = {
  ".env.example": envExample,
  "README.md": readmeMd,
  "accounts.ts": accounts,
  "database.ts": database,
  "deno.json": denoJson,
  "main.ts": main,
  "notes.ts": notes,
  "pages.ts": pages,
  "site_application.ts": siteApplication,
  "static/icon.svg": staticIconSvg,
  "static/site.css": staticSiteCss,
  "templates/base.html": templatesBaseHtml,
  "templates/error.html": templatesErrorHtml,
  "templates/form.html": templatesFormHtml,
  "templates/home.html": templatesHomeHtml,
  "templates/login.html": templatesLoginHtml,
  "templates/signup.html": templatesSignupHtml,
  "tests/account_test.ts": testsAccountTest,
  "tests/notes_test.ts": testsNotesTest,
  "tests/test_site.ts": testsTestSite,
};
