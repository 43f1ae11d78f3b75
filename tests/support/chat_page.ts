/**
 * The page of the chat, and what a visitor does and sees there.
 *
 * @module
 */
import type { BrowserContextOptions, Page } from "playwright-core";
import type { TestBrowser } from "./browser.ts";

const DESKTOP = { width: 1_280, height: 800 };

/** A visitor of its own comes in, and is connected. */
export async function join(
  browser: TestBrowser,
  origin: string,
  { name, ...options }: { readonly name: string } & BrowserContextOptions,
): Promise<Page> {
  const page = await browser.newPage({ viewport: DESKTOP, ...options });
  await enter(page, origin, name);
  return page;
}

/** Comes in on a page that is there. */
export async function enter(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(origin);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).click();
  await status(page, "Connected");
}

/** Writes, and does not send it. */
export async function compose(page: Page | undefined, text: string): Promise<void> {
  await page?.getByLabel("Message", { exact: true }).fill(text);
}

/** Writes and sends. */
export async function say(page: Page | undefined, text: string): Promise<void> {
  await compose(page, text);
  await page?.getByLabel("Message", { exact: true }).press("Enter");
}

/** Keeps a picture, where `GUSTNADO_SCREENSHOTS` says. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = Deno.env.get("GUSTNADO_SCREENSHOTS");
  if (directory) await page.screenshot({ path: `${directory}/${name}.png` });
}

/** Waits until the page says how its connection is. */
export function status(page: Page, text: string): Promise<void> {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor({ timeout: 20_000 });
}

/** The messages that hold a text. */
export function message(page: Page | undefined, text: string): ReturnType<Page["locator"]> {
  if (page === undefined) throw new Error("Cannot look for a message: there is no such page");
  return page.getByRole("log").locator(".text").filter({ hasText: text });
}

/** All messages, in order. */
export function messagesOn(page: Page): Promise<string[]> {
  return page.locator("#log .text").allTextContents();
}

/** Who is in the room. */
export function peopleOn(page: Page): Promise<string[]> {
  return page.locator("#people .name").allTextContents();
}

/** Whether the end of the conversation is in sight. */
export function isAtEnd(page: Page): Promise<boolean> {
  return page.locator("#scroller").evaluate(({ scrollTop, scrollHeight, clientHeight }) =>
    scrollHeight - scrollTop - clientHeight < 2
  );
}
