/** Something that was written down. */
export interface JournalEntry {
  /** The last part of its URL. */
  readonly slug: string;
  /** What it is about. */
  readonly title: string;
  /** The text. */
  readonly text: string;
  /** When, in milliseconds since the epoch. */
  readonly time: number;
  /** How many people liked it. */
  readonly likes: number;
}

/** The entries, the newest first. */
export const ENTRIES: readonly JournalEntry[] = [
  {
    slug: "gust-front",
    title: "A gust front over the lake",
    text:
      "Dust rose in a thin column and was gone again. See www.example.com/gustnado for the photo.",
    time: Date.UTC(2026, 4, 15, 12),
    likes: 12,
  },
  {
    slug: "instruments",
    title: "Instruments & <tools>",
    text: "A barometer, a notebook, and patience.",
    time: Date.UTC(2026, 4, 2, 8, 30),
    likes: 1,
  },
];
