import { UIModule, type UIModuleOutput } from "@gustnado/gustnado";
import type { JournalEntry } from "./entries.ts";

/** One entry, with its style. */
export class Entry extends UIModule {
  override render(entry: JournalEntry, { full = false }: { full?: boolean } = {}): UIModuleOutput {
    return this.renderString("module_entry.html", { entry, full });
  }

  override embeddedCss(): string {
    return `.entry { background: #fff; border-radius: .5rem; margin-block: 1.5rem; padding: 1rem 1.5rem }
.entry h2 { margin: 0 }
.entry time, .entry .likes { color: #667; font-size: .9rem }`;
  }
}
