/**
 * The texts that test files make templates of. Workers compile none, so a build has to see them: they are
 * made at the top of a module as well, as an application would make them.
 *
 * @module
 */
import { mappedImports, ROOT } from "./mapped_imports.ts";

/** How templates are read, as far as JSON can say it. */
export interface TextReading {
  readonly autoescape?: string | null;
  readonly whitespace?: "all" | "single" | "oneline";
}

/** A loader of texts. */
export interface LoaderText {
  readonly sources: Readonly<Record<string, string>>;
  readonly reading: TextReading;
}

/** A template of a text. */
export interface TemplateText {
  readonly source: string;
  readonly name?: string;
  readonly loader?: LoaderText;
  readonly reading: TextReading;
}

/** What a test file has made. */
export interface RecordedTexts {
  /** Its URL. */
  readonly file: string;
  readonly loaders: readonly LoaderText[];
  readonly templates: readonly TemplateText[];
}

const RECORDER = "tests/support/workerd/template_recorder.ts";
/** The modules in whose place the recorder stands. */
const REPLACED = {
  "src/template/loaders/dict_loader.ts": RECORDER,
  "src/template/template.ts": RECORDER,
};

/**
 * Runs test files, and keeps the texts.
 *
 * @param files Their paths in `tests/`.
 * @returns What each has made.
 */
export async function recordTexts(files: readonly string[]): Promise<readonly RecordedTexts[]> {
  // Without a name, every test would run.
  if (files.length === 0) return [];
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    const map = `${folder}/deno.json`;
    await Deno.writeTextFile(map, mappedImports(REPLACED));
    await Deno.mkdir(`${folder}/texts`);
    const args = [
      "test",
      "-A",
      "--no-check",
      "--no-lock",
      "--quiet",
      "--parallel",
      `--config=${map}`,
    ];
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [...args, ...files.map((file) => `${ROOT}tests/${file}`)],
      env: { RECORDED_TEXTS: `${folder}/texts` },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stdout));
    const names = [...Deno.readDirSync(`${folder}/texts`)].map(({ name }) => name);
    return names.map((name) => JSON.parse(Deno.readTextFileSync(`${folder}/texts/${name}`)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A module that makes the same as the tests. */
export function textModule(all: readonly RecordedTexts[]): string {
  const lines = all.flatMap(({ loaders, templates }) => [
    ...loaders.map(loaderText),
    ...templates.map(templateText),
  ]);
  if (lines.length === 0) return "";
  const names = ["DictLoader", "Template"].filter((name) =>
    lines.some((line) => line.includes(`new ${name}(`))
  );
  return `import { ${names.join(", ")} } from "${ROOT}mod.ts";\n${lines.join(";\n")};\n`;
}

function loaderText({ sources, reading }: LoaderText): string {
  return `new DictLoader(${JSON.stringify(sources)}, ${JSON.stringify(reading)})`;
}

function templateText({ source, name, loader, reading }: TemplateText): string {
  const options = [
    ...Object.entries({ name, ...reading }).filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    ...(loader === undefined ? [] : [`loader: ${loaderText(loader)}`]),
  ];
  return `new Template(${JSON.stringify(source)}, { ${options.join(", ")} })`;
}
