import { UIModule, type UIModuleOutput } from "@gustnado/gustnado";
import type { JournalEntry } from "./entries.ts";

/** One entry, with its style. */
export class Entry extends UIModule {
  override render(entry: JournalEntry, { full = false }: { full?: boolean } = {}): UIModuleOutput {
    return this.renderString("module_entry.html", { entry, full });
  }

  override embeddedCss(): string {
    return `.entry { background: var(--surface); border: 1px solid var(--line); border-radius: 1.25rem;
  margin-block: 1.25rem; padding: clamp(1rem, 5vw, 1.75rem) }
.entry p { margin-block: .75rem 0 }
.entry time, .entry .likes { color: var(--muted); font-size: .875rem }`;
  }
}
