/** The media type of a file, by its name. */

/**
 * Tells the media type of an extension with its dot, in lower case, such as `".html"`; `undefined` or
 * `null` for one that it does not know. `contentType` of `@std/media-types` is one.
 *
 * @category Static files
 */
export type MediaTypes = (extension: string) => string | null | undefined;

const UNKNOWN = "application/octet-stream";

/** Extensions that name a compression, not a type: the bytes are not those of what is compressed. */
const COMPRESSIONS: ReadonlySet<string> = new Set([".br", ".bz2", ".xz", ".z"]);

/**
 * What sites serve, and offer for download: each type with its extensions. The full list is fifty times
 * as long, and would be a third of a small bundle.
 */
const TYPES = `
application/atom+xml atom
application/dash+xml mpd
application/epub+zip epub
application/geo+json geojson
application/gpx+xml gpx
application/gzip gz
application/java-archive jar
application/json json map
application/ld+json jsonld
application/manifest+json webmanifest
application/msword doc
application/pdf pdf
application/postscript ai eps ps
application/rss+xml rss
application/rtf rtf
application/sql sql
application/toml toml
application/vnd.android.package-archive apk
application/vnd.apple.mpegurl m3u8
application/vnd.google-earth.kml+xml kml
application/vnd.ms-excel xls
application/vnd.ms-fontobject eot
application/vnd.ms-powerpoint ppt
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.rar rar
application/wasm wasm
application/x-7z-compressed 7z
application/x-tar tar
application/xhtml+xml xhtml
application/xml xml
application/zip zip
audio/aac aac
audio/midi mid midi
audio/mp4 m4a
audio/mpeg mp3
audio/ogg oga ogg opus
audio/wave wav
audio/webm weba
audio/x-flac flac
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/apng apng
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/jpeg jpeg jpg
image/jxl jxl
image/png png
image/svg+xml svg
image/tiff tif tiff
image/vnd.microsoft.icon ico
image/webp webp
model/gltf+json gltf
model/gltf-binary glb
model/stl stl
text/calendar ics
text/css css
text/csv csv
text/html htm html
text/javascript js mjs
text/markdown markdown md
text/plain conf ini log text txt
text/tab-separated-values tsv
text/vtt vtt
text/x-vcard vcf
text/yaml yaml yml
video/3gpp 3gp
video/mp2t ts
video/mp4 mp4
video/mpeg mpeg mpg
video/ogg ogv
video/quicktime mov
video/webm webm
video/x-m4v m4v
video/x-matroska mkv
video/x-msvideo avi
`;

/** Types beside those of text whose files are UTF-8. */
const UTF8_TYPES: ReadonlySet<string> = new Set([
  "application/json",
  "application/manifest+json",
]);

let table: ReadonlyMap<string, string> | undefined;

/**
 * The value of `Content-Type` for a file, with `charset=UTF-8` for text;
 * `application/octet-stream` where the extension tells nothing.
 *
 * @param others What is asked first.
 */
export function mediaTypeOf(path: string, others?: MediaTypes): string {
  const extension = extensionOf(path);
  if (extension === "" || COMPRESSIONS.has(extension)) return UNKNOWN;
  return others?.(extension) ?? (table ??= readTypes()).get(extension) ?? UNKNOWN;
}

function readTypes(): ReadonlyMap<string, string> {
  const entries = TYPES.trim().split("\n").flatMap((line) => {
    const [type = "", ...extensions] = line.split(" ");
    const isText = type.startsWith("text/") || UTF8_TYPES.has(type);
    return extensions.map((each) =>
      [`.${each}`, isText ? `${type}; charset=UTF-8` : type] as const
    );
  });
  return new Map(entries);
}

/** With its dot, in lower case; empty for a name without one. */
function extensionOf(path: string): string {
  return /[^\\/](\.[^.\\/]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
