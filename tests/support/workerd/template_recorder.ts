/**
 * Stands in the place of the modules of `DictLoader` and of `Template` when test files run, and keeps the
 * texts that these are made of: an application would make them at the top of a module, where the build
 * sees them.
 *
 * @module
 */
import type { LoaderOptions } from "../../../src/template/loaders/base_loader.ts";
import { DictLoader as PlainLoader } from "../../../src/template/loaders/dict_loader.ts";
import {
  compile,
  Template as PlainTemplate,
  type TemplateOptions,
} from "../../../src/template/template.ts";
import type { LoaderText, RecordedTexts, TextReading } from "./recorded_texts.ts";

export { compile };

const loaders = new Map<object, LoaderText>();
const templates = new Map<string, RecordedTexts["templates"][number]>();
/** How many loaders are making a template, which is compiled with what they have. */
let loading = 0;

/** A loader whose texts are kept. */
export class DictLoader extends PlainLoader {
  /** @param sources The texts, which a test may change later. */
  constructor(sources: Readonly<Record<string, string>>, options: LoaderOptions = {}) {
    super(sources, options);
    keepLoader(this, { ...sources }, options);
  }

  protected override createTemplate(name: string): PlainTemplate {
    loading++;
    try {
      return super.createTemplate(name);
    } finally {
      loading--;
    }
  }
}

/** A template whose text is kept. */
export class Template extends PlainTemplate {
  constructor(source: string | Uint8Array, options: TemplateOptions = {}) {
    super(source, options);
    if (loading === 0) keepTemplate(source, options);
  }
}

/** What cannot be compiled fails the build of an application. */
function keepLoader(
  loader: object,
  sources: Readonly<Record<string, string>>,
  options: LoaderOptions,
): void {
  const reading = readingOf(options);
  if (reading === null) return;
  try {
    const plain = new PlainLoader(sources, options);
    for (const name of Object.keys(sources)) {
      compile(sources[name] ?? "", { name, loader: plain });
      plain.load(name);
    }
    loaders.set(loader, { sources, reading });
  } catch {
    // It is not kept.
  }
}

function keepTemplate(source: string | Uint8Array, options: TemplateOptions): void {
  const { name, loader: given } = options;
  const loader = given && loaders.get(given);
  const reading = readingOf(options);
  if (reading === null || given !== undefined && loader === undefined) return;
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  const kept = {
    source: text,
    reading,
    ...(name !== undefined && { name }),
    ...(loader && { loader }),
  };
  templates.set(JSON.stringify(kept), kept);
}

/** `null` if a function escapes: the build cannot tell it from another one. */
function readingOf(
  { autoescape, whitespace }: TemplateOptions | LoaderOptions,
): TextReading | null {
  if (typeof autoescape === "function") return null;
  return {
    ...(autoescape !== undefined && { autoescape }),
    ...(whitespace !== undefined && { whitespace }),
  };
}

addEventListener("unload", () => {
  const path = `${Deno.env.get("RECORDED_TEXTS")}/${crypto.randomUUID()}.json`;
  const texts: RecordedTexts = {
    file: Deno.mainModule,
    loaders: [...loaders.values()],
    templates: [...templates.values()],
  };
  Deno.writeTextFileSync(path, JSON.stringify(texts));
});
