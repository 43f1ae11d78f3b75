import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { HTTPInputError } from "../../../src/http/input_error.ts";
import {
  type MultipartEvent,
  type MultipartOptions,
  MultipartParser,
  parseMultipart,
} from "../../../src/http/body/multipart.ts";
import { assertLinear } from "../../support/linear.ts";
import { serviceTest } from "../../support/services.ts";
import { runPython } from "../../support/tornado.ts";

const TYPE = "multipart/form-data; boundary=1234";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of a text in which every line ends with CR LF. */
function body(text: string): Uint8Array {
  return encoder.encode(text.replaceAll("\n", "\r\n"));
}

/** A body of one part with these header lines. */
function onePart(headers: string, content = "Foo"): Uint8Array {
  return body(`--1234\n${headers}\n\n${content}\n--1234--\n`);
}

interface ReadForm {
  fields: Record<string, string[]>;
  files: Record<string, [filename: string, contentType: string, body: string][]>;
}

function read(source: Uint8Array, options?: MultipartOptions, type = TYPE): ReadForm {
  const { fields, files } = parseMultipart(type, source, options);
  const form: ReadForm = { fields: { ...fields }, files: {} };
  for (const [name, list] of Object.entries(files)) {
    form.files[name] = list.map((file) => [
      file.filename,
      file.contentType,
      decoder.decode(file.body),
    ]);
  }
  return form;
}

function refuse(source: Uint8Array, message: string, options?: MultipartOptions): void {
  const error = assertThrows(() => parseMultipart(TYPE, source, options), HTTPInputError);
  assertEquals(error.status, 400);
  assertEquals(error.message, `Invalid multipart/form-data: ${message}`);
}

function file(filename: string, type = "application/unknown", content = "Foo"): ReadForm {
  return { fields: {}, files: { files: [[filename, type, content]] } };
}

const DISPOSITION = 'Content-Disposition: form-data; name="files"';

Deno.test("multipart part with a file name is a file, any other a field", () => {
  const source = body(`--1234
Content-Disposition: form-data; name="a"

1
--1234
Content-Disposition: form-data; name="files"; filename="ab.txt"
Content-Type: text/plain

Foo
--1234
Content-Disposition: form-data; name="a"

2
3
--1234--`);
  assertEquals(read(source), {
    fields: { a: ["1", "2\r\n3"] },
    files: { files: [["ab.txt", "text/plain", "Foo"]] },
  });
});

Deno.test("multipart file without a content type is application/unknown", () => {
  assertEquals(read(onePart(`${DISPOSITION}; filename="ab.txt"`)), file("ab.txt"));
});

Deno.test("multipart part with an empty file name is a field, as browsers send empty inputs", () => {
  const source = onePart(`${DISPOSITION}; filename=""\nContent-Type: application/octet-stream`, "");
  assertEquals(read(source), { fields: { files: [""] }, files: {} });
});

Deno.test("multipart parameters may be unquoted", () => {
  const source = onePart("Content-Disposition: form-data; name=files; filename=ab.txt");
  assertEquals(read(source), file("ab.txt"));
});

Deno.test("multipart headers need no space, and have any case of letters", () => {
  const source = onePart("CONTENT-DISPOSITION:Form-Data;NAME=files;FileName=ab.txt");
  assertEquals(read(source), file("ab.txt"));
});

Deno.test("multipart part without content has no event for it", () => {
  const parser = new MultipartParser("1234");
  const types = parser.push(onePart(DISPOSITION, "")).map((event) => event.type);
  assertEquals(types, ["part", "partEnd", "end"]);
});

Deno.test("multipart file name keeps quotes, backslashes and semicolons", () => {
  const names = [
    "a;b.txt",
    'a"b.txt',
    'a";b.txt',
    'a;"b.txt',
    'a";";.txt',
    'a\\"b.txt',
    "a\\b.txt",
    "a b.txt",
    "a\tb.txt",
    "../../etc/passwd",
    "a%22b.txt",
    "\u6d4b\u8bd5.txt",
  ];
  for (const name of names) {
    const quoted = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
    assertEquals(read(onePart(`${DISPOSITION}; filename="${quoted}"`)), file(name));
  }
  assertEquals(
    read(onePart(`${DISPOSITION}; filename="C:\\dir\\a.txt"`)),
    file("C:\\dir\\a.txt"),
  );
});

Deno.test("multipart file name in RFC 5987 form goes before the plain one", () => {
  for (
    const parameters of [
      "filename=\"ab.txt\"; filename*=UTF-8''%C3%A1b.txt",
      "filename*=utf-8'en'%C3%A1b.txt; filename=ab.txt",
      "filename*=iso-8859-1''%E1b.txt",
      "FileName*=\"UTF-8''%C3%A1b.txt\"",
    ]
  ) {
    assertEquals(read(onePart(`${DISPOSITION}; ${parameters}`)), file("\u00e1b.txt"), parameters);
  }
  assertEquals(
    read(onePart(`${DISPOSITION}; filename=ab.txt; filename*=koi8-r''%C1`)),
    file("ab.txt"),
  );
  assertThrows(
    () => parseMultipart(TYPE, onePart(`${DISPOSITION}; filename*=UTF-8''%ff`)),
    HTTPInputError,
    'Invalid unicode in a parameter of a multipart part: "\\xff"',
  );
});

const SECTIONS: [parameters: string, name: string][] = [
  ["filename*0=a; filename*1=b.txt", "ab.txt"],
  ["filename*1=b.txt; filename*0=a", "ab.txt"],
  ['FileName*0="a;"; FILENAME*1="\\"b\\""', 'a;"b"'],
  ["filename*0*=utf-8'en'%C3; filename*1*=%A1b.txt", "\u00e1b.txt"],
  ["filename*0*=UTF-8''%C3%A1; filename*1=%41; filename*2*=%42", "\u00e1%41B"],
  ["filename*0*=iso-8859-1''%E1; filename*1*=b", "\u00e1b"],
  ["filename*0=%41; filename*1=%42", "%41%42"],
  ["filename*=iso-8859-1''%e1%20b", "\u00e1 b"],
  ["filename*0*=utf-8''ab.txt", "ab.txt"],
  ["filename=c.txt; filename*0=a; filename*1=b.txt", "ab.txt"],
  ["filename*0=c; filename*=utf-8''ab.txt", "ab.txt"],
  ["filename*=koi8-r''%C1; filename*0=ab.txt; filename=c", "ab.txt"],
  [Array.from({ length: 300 }, (_, index) => `filename*${index}=x`).join("; "), "x".repeat(300)],
];

for (const [parameters, name] of SECTIONS) {
  Deno.test(`multipart file name in sections is read: ${parameters.slice(0, 70)}`, () => {
    assertEquals(read(onePart(`${DISPOSITION}; ${parameters}`)), file(name));
  });
}

Deno.test("multipart disposition may have white space before its parameters", () => {
  const source = onePart('Content-Disposition: Form-Data \t; name="files" ; filename=ab.txt');
  assertEquals(read(source), file("ab.txt"));
});

Deno.test("multipart name of a field may come in sections", () => {
  const source = onePart("Content-Disposition: form-data; name*0=fil; name*1*=es; filename=a");
  assertThrows(() => parseMultipart(TYPE, source), HTTPInputError, 'parameter "name" is not in');
  assertEquals(
    read(onePart("Content-Disposition: form-data; name*0=fi; name*1=les; filename=ab.txt")),
    file("ab.txt"),
  );
});

const BROKEN_SECTIONS: [parameters: string, message: string][] = [
  ["filename*1=b", 'section 0 of parameter "filename" is missing'],
  ["filename*0=a; filename*2=b", 'section 1 of parameter "filename" is missing'],
  ["filename*0=a; filename*0*=b", 'section 1 of parameter "filename" is missing'],
  ["filename*0=a; filename*01=b", 'section 1 of parameter "filename" is missing'],
  ["filename*00=a", 'section 0 of parameter "filename" is missing'],
  ["filename*0=a; filename*1x=b", 'section 1 of parameter "filename" is missing'],
  ["filename*1=b; filename=a", 'section 0 of parameter "filename" is missing'],
  ["filename*0=a; filename*0=b", 'parameter "filename*0" occurs twice in a part'],
  ["filename*0*=%41", 'parameter "filename" is not in UTF-8 or ISO-8859-1: "%41"'],
  ["filename*0*=koi8-r''%C1", 'parameter "filename" is not in UTF-8 or ISO-8859-1'],
  ["filename*=iso-8859-1''%0A", "a parameter contains a control character"],
  ["filename*=koi8-r''%C1", 'parameter "filename" is not in UTF-8 or ISO-8859-1'],
  ["filename*0*=utf-8''a; filename*1*=%0A", "a parameter contains a control character"],
];

for (const [parameters, message] of BROKEN_SECTIONS) {
  Deno.test(`multipart file name is refused and not taken for a field: ${parameters}`, () => {
    const source = onePart(`${DISPOSITION}; ${parameters}`);
    assertThrows(() => parseMultipart(TYPE, source), HTTPInputError, message);
  });
}

Deno.test("multipart limit that is no number is refused", () => {
  for (const maxParts of [NaN, -1]) {
    assertThrows(() => new MultipartParser("b", { maxParts }), TypeError, '"maxParts"');
  }
});

Deno.test("multipart header with a control character is refused, tab aside", () => {
  for (let code = 0; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    const source = encoder.encode(
      `--1234\r\n${DISPOSITION}; filename="a${character}b"\r\n\r\nFoo\r\n--1234--`,
    );
    if (code === 0x7f || (code < 0x20 && code !== 9)) {
      refuse(source, 'header "content-disposition" contains a control character');
      refuse(
        onePart(`${DISPOSITION}; filename*=UTF-8''%${code.toString(16).padStart(2, "0")}`),
        "a parameter contains a control character",
      );
    } else if (character !== '"') {
      assertEquals(read(source), file(`a${character}b`));
    }
  }
});

Deno.test("multipart part without headers, a disposition or a name is refused", () => {
  refuse(body("--1234\n\nFoo\n--1234--"), "a part has no headers");
  refuse(body("--1234\n\n\nFoo\n--1234--"), "a part has no headers");
  refuse(
    onePart('Content-Disposition: invalid; name="files"; filename="ab.txt"'),
    '"invalid; name=\\"files\\"; filename=\\"ab.txt\\"" is not a Content-Disposition of form-data',
  );
  refuse(onePart("Content-Type: text/plain"), '"" is not a Content-Disposition of form-data');
  refuse(onePart('Content-Disposition: form-data; filename="ab.txt"'), "a part has no name");
  refuse(onePart('Content-Disposition: form-data; name=""'), "a part has no name");
});

Deno.test("multipart header that can be read in two ways is refused", () => {
  const cases: [string, string][] = [
    [`${DISPOSITION}\n${DISPOSITION}`, 'header "content-disposition" occurs twice in a part'],
    [`${DISPOSITION}; name=b`, 'parameter "name" occurs twice in a part'],
    [`${DISPOSITION}\n folded`, '" folded" is not a header'],
    [`${DISPOSITION}\nno colon`, '"no colon" is not a header'],
    [`${DISPOSITION}\n: x`, '": x" is not a header'],
    [`${DISPOSITION}\nX : x`, '"X : x" is not a header'],
  ];
  for (const [headers, message] of cases) refuse(onePart(headers), message);
  for (const parameter of ['filename="a', 'filename="a"b', 'filename="a\\"']) {
    assertThrows(
      () => parseMultipart(TYPE, onePart(`${DISPOSITION}; ${parameter}`)),
      HTTPInputError,
      "is not a Content-Disposition of form-data",
    );
  }
});

Deno.test("multipart headers and fields are UTF-8, or refused", () => {
  const invalid = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const header = invalid(`--1234\r\n${DISPOSITION}; filename="\xff"\r\n\r\n\r\n--1234--`);
  assertThrows(
    () => parseMultipart(TYPE, header),
    HTTPInputError,
    "Invalid unicode in the headers",
  );
  const field = invalid(`--1234\r\n${DISPOSITION}\r\n\r\n\xff\r\n--1234--`);
  const error = assertThrows(() => parseMultipart(TYPE, field), HTTPInputError);
  assertEquals(error.message, 'Invalid unicode in argument "files": "\\xff"');
  const decode = (bytes: Uint8Array, name?: string) => `${name}: ${bytes.join()}`;
  assertEquals(read(field, { decode }).fields, { files: ["files: 255"] });
});

Deno.test("multipart lines end with CR LF and nothing else", () => {
  const text = `--1234\n${DISPOSITION}\n\nFoo\n--1234--\n`;
  for (const end of ["\n", "\r", "\n\r"]) {
    const source = encoder.encode(text.replaceAll("\n", end));
    assertThrows(() => parseMultipart(TYPE, source), HTTPInputError);
  }
});

Deno.test("multipart delimiter stands at the start of a line", () => {
  const source = body(`--1234\n${DISPOSITION}\n\nFoo--1234--`);
  refuse(source, "the final boundary is missing");
});

Deno.test("multipart content may look like a delimiter and not be one", () => {
  const contents = [
    "x--1234",
    "x--1234--",
    "\n--123",
    "\n--12345",
    "\n--1234-",
    "\n--1234 ",
    "\n--1234x\n",
    "\r\n--1234\r",
    "\n\n--123\n--1234x",
    "\r",
    "\n",
    "\r\r\r",
    "\n--\n--\n",
  ];
  for (const content of contents) {
    const source = onePart(DISPOSITION, content);
    assertEquals(read(source).fields, { files: [content.replaceAll("\n", "\r\n")] });
  }
});

Deno.test("multipart part may end right behind its headers", () => {
  const source = body(`--1234\n${DISPOSITION}; filename="ab.txt"\n\n--1234--`);
  assertEquals(read(source), file("ab.txt", "application/unknown", ""));
});

Deno.test("multipart body ends with the final boundary, and what follows is ignored", () => {
  for (const rest of ["", "\n", "\nepilogue", "\n--1234\ngarbage", "--", "x"]) {
    const source = body(`--1234\n${DISPOSITION}\n\nFoo\n--1234--${rest}`);
    assertEquals(read(source).fields, { files: ["Foo"] });
  }
  for (const cut of ["", "\n", "\n--1234", "\n--1234-", "\n--1234\n", "\n--1235--"]) {
    refuse(body(`--1234\n${DISPOSITION}\n\nFoo${cut}`), "the final boundary is missing");
  }
});

Deno.test("multipart body starts with the boundary, one line end before it at most", () => {
  const source = `--1234\n${DISPOSITION}\n\nFoo\n--1234--\n`;
  assertEquals(read(body(`\n${source}`)).fields, { files: ["Foo"] });
  for (const preamble of ["\n\n", " ", "preamble\n", "-", "\r"]) {
    refuse(body(preamble + source), "the body does not start with the boundary");
  }
  refuse(body(`--1234 \n${source}`), "the body does not start with the boundary");
  for (const short of ["", "-", "--1234"]) refuse(body(short), "the final boundary is missing");
});

Deno.test("multipart body may have no parts", () => {
  for (const source of ["--1234--", "--1234--\n", "\n--1234--\n"]) {
    assertEquals(read(body(source), { maxParts: 0 }), { fields: {}, files: {} });
  }
});

Deno.test("multipart boundary may be quoted", () => {
  const source = onePart(DISPOSITION);
  for (
    const type of [
      'multipart/form-data; boundary="1234"',
      'Multipart/Form-Data;charset=utf-8;BOUNDARY = "1234" ; x=y',
    ]
  ) {
    assertEquals(read(source, {}, type).fields, { files: ["Foo"] });
  }
  const spaced = encoder.encode(`--a b:c\r\n${DISPOSITION}\r\n\r\nFoo\r\n--a b:c--`);
  assertEquals(read(spaced, {}, 'multipart/form-data; boundary="a b:c"').fields, {
    files: ["Foo"],
  });
});

Deno.test("multipart boundary that is missing, too long or not printable is refused", () => {
  const boundaries: [string, string][] = [
    ["multipart/form-data", "the boundary is missing"],
    ["multipart/form-data; boundary", "the boundary is missing"],
    ["multipart/form-data; boundary=", "the boundary is missing"],
    ['multipart/form-data; boundary=""', "the boundary is missing"],
    ['multipart/form-data; boundary="1234', "the boundary is missing"],
    ["multipart/form-data; xboundary=1234", "the boundary is missing"],
    [
      `multipart/form-data; boundary=${"x".repeat(71)}`,
      "the boundary is longer than 70 characters",
    ],
    ['multipart/form-data; boundary="1234 "', "the boundary is not printable ASCII"],
    ["multipart/form-data; boundary=12\t34", "the boundary is not printable ASCII"],
    ["multipart/form-data; boundary=12\u00e9", "the boundary is not printable ASCII"],
    [
      "multipart/form-dataxyz; boundary=1234",
      'the content type is "multipart/form-dataxyz"',
    ],
    ["multipart/mixed; boundary=1234", 'the content type is "multipart/mixed"'],
    ["", 'the content type is ""'],
  ];
  for (const [type, message] of boundaries) {
    const error = assertThrows(() => parseMultipart(type, onePart(DISPOSITION)), HTTPInputError);
    assertEquals(error.message, `Invalid multipart/form-data: ${message}`);
  }
  const longest = "x".repeat(70);
  const source = encoder.encode(`--${longest}\r\n${DISPOSITION}\r\n\r\nFoo\r\n--${longest}--`);
  assertEquals(read(source, {}, `multipart/form-data; boundary=${longest}`).fields, {
    files: ["Foo"],
  });
});

Deno.test("multipart parts are counted, and one too many is refused", () => {
  const parts = (count: number) => body(`--1234\n${DISPOSITION}\n\nx\n`.repeat(count) + "--1234--");
  assertEquals(read(parts(100)).fields.files?.length, 100);
  refuse(parts(101), "the body has more than 100 parts");
  assertEquals(read(parts(3), { maxParts: 3 }).fields.files?.length, 3);
  refuse(parts(3), "the body has more than 2 parts", { maxParts: 2 });
  refuse(parts(1), "the body has more than 0 parts", { maxParts: 0 });
});

Deno.test("multipart headers of a part are as large as allowed and not a byte larger", () => {
  const part = (size: number) => onePart(`${DISPOSITION}\nX: `.padEnd(size - 1, "x"));
  const limit = 10 * 1024;
  assertEquals(read(part(limit)).fields, { files: ["Foo"] });
  refuse(part(limit + 1), `the headers of a part are larger than ${limit} bytes`);
  const message = "the headers of a part are larger than 10 bytes";
  refuse(onePart(DISPOSITION), message, { maxPartHeaderBytes: 10 });
  refuse(onePart("X: ".padEnd(11, "x")), message, { maxPartHeaderBytes: 10 });
  refuse(
    onePart("X: ".padEnd(10, "x")),
    '"" is not a Content-Disposition of form-data',
    { maxPartHeaderBytes: 10 },
  );
});

Deno.test("multipart headers that never end are refused once they are too large", () => {
  const parser = new MultipartParser("1234", { maxPartHeaderBytes: 10 });
  parser.push(body("--1234\n"));
  for (let size = 1; size <= 13; size++) parser.push(encoder.encode("x"));
  assertThrows(() => parser.push(encoder.encode("x")), HTTPInputError, "larger than 10 bytes");
});

Deno.test("multipart fields cannot reach a prototype", () => {
  const source = body(
    `--1234\nContent-Disposition: form-data; name=__proto__\n\n1\n` +
      `--1234\nContent-Disposition: form-data; name=__proto__; filename=constructor\n\n2\n--1234--`,
  );
  const { fields, files } = parseMultipart(TYPE, source);
  for (const record of [fields, files]) {
    assertEquals(Object.getPrototypeOf(record), null);
    assertEquals(Object.keys(record), ["__proto__"]);
  }
});

Deno.test("multipart file is a view of the body, not a copy", () => {
  const source = onePart(`${DISPOSITION}; filename=a`, "content");
  const [view] = parseMultipart(TYPE, source).files.files ?? [];
  assertStrictEquals(view?.body.buffer, source.buffer);
  assertEquals(decoder.decode(view.body), "content");
});

/** Joins what a parser reports of each part: the same however the body was cut. */
function summary(events: readonly MultipartEvent[]): unknown[] {
  const parts: unknown[] = [];
  let content: number[] = [];
  for (const event of events) {
    if (event.type === "part") {
      parts.push({ ...event.part, headers: [...event.part.headers] });
      content = [];
    } else if (event.type === "data") content.push(...event.data);
    else if (event.type === "partEnd") parts.push(content);
    else parts.push("end");
  }
  return parts;
}

/** What a parser makes of chunks: a summary, or the message of its error. */
function outcome(chunks: readonly Uint8Array[]): unknown {
  const parser = new MultipartParser("1234");
  try {
    const events = chunks.flatMap((chunk) => parser.push(chunk.slice()));
    parser.finish();
    return summary(events);
  } catch (error) {
    assert(error instanceof HTTPInputError, String(error));
    return error.message;
  }
}

function cut(source: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const size of sizes) {
    chunks.push(source.subarray(start, start + size));
    start += size;
  }
  return [...chunks, source.subarray(start)];
}

/** Bodies that are almost right: fragments of valid ones in any order. */
const hostileBody = fc.array(
  fc.constantFrom(
    "--1234",
    "--",
    "\r\n",
    "\r",
    "\n",
    "\r\n--1234",
    "\r\n--1234\r\n",
    "\r\n--1234--",
    DISPOSITION,
    "; filename=a",
    "\r\n\r\n",
    "x",
    "\0",
    '"',
  ),
  { maxLength: 30 },
).map((fragments) =>
  encoder.encode(`--1234\r\n${DISPOSITION}\r\n\r\n${fragments.join("")}\r\n--1234--`)
);

Deno.test("multipart parser reports the same however the body is cut", () => {
  const sizes = fc.array(fc.nat(12));
  fc.assert(
    fc.property(hostileBody, sizes, (source, list) => {
      assertEquals(outcome(cut(source, list)), outcome([source]));
      assertEquals(outcome(Array.from(source, (byte) => Uint8Array.of(byte))), outcome([source]));
    }),
    { numRuns: 500 },
  );
});

Deno.test("multipart body of any bytes gives parts or an input error", () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), hostileBody);
  fc.assert(fc.property(bytes, fc.boolean(), (source, isPrefixed) => {
    outcome(isPrefixed ? [body("--1234\n"), source] : [source]);
  }));
});

interface SentPart {
  name: string;
  filename: string | null;
  content: Uint8Array;
}

/** Content that comes close to a delimiter of the boundary 1234 and never is one. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.array(fc.constantFrom("\r\n--1", "2", "3", "\r", "\n", "-"), { maxLength: 30 })
    .map((fragments) => encoder.encode(fragments.join(""))),
);
const word = fc.string({ unit: "grapheme", minLength: 1 })
  // deno-lint-ignore no-control-regex -- what a header must not hold
  .filter((text) => !/[\x00-\x1f\x7f]/.test(text));
const parts = fc.array(fc.record<SentPart>({ name: word, filename: fc.option(word), content }), {
  maxLength: 8,
});

function write(list: readonly SentPart[]): Uint8Array {
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const chunks = list.flatMap(({ name, filename, content }) => {
    const file = filename === null ? "" : `; filename=${quote(filename)}`;
    const head = `--1234\r\nContent-Disposition: form-data; name=${quote(name)}${file}\r\n\r\n`;
    return [...encoder.encode(head), ...content, 13, 10];
  });
  return new Uint8Array([...chunks, ...encoder.encode("--1234--\r\n")]);
}

Deno.test("multipart parts that were written read back", () => {
  fc.assert(fc.property(parts, (list) => {
    const options = { decode: (bytes: Uint8Array) => bytes.join() };
    const { fields, files } = parseMultipart(TYPE, write(list), options);
    for (const name of new Set(list.map((part) => part.name))) {
      const sent = list.filter((part) => part.name === name);
      assertEquals(
        fields[name] ?? [],
        sent.filter((part) => part.filename === null).map((part) => part.content.join()),
      );
      assertEquals(
        (files[name] ?? []).map((file) => [file.filename, file.body.join()]),
        sent.filter((part) => part.filename !== null)
          .map((part) => [part.filename, part.content.join()]),
      );
    }
  }));
});

Deno.test("multipart form that the platform wrote is read", async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("a", "\u20ac\r\n2");
  form.append("f", new File(["content"], "\u6d4b.txt", { type: "text/plain" }));
  form.append("f", new File([], "empty"));
  const response = new Response(form);
  const type = response.headers.get("content-type") ?? "";
  const source = new Uint8Array(await response.arrayBuffer());
  assertEquals(read(source, {}, type), {
    fields: { a: ["1", "\u20ac\r\n2"] },
    files: {
      f: [["\u6d4b.txt", "text/plain", "content"], ["empty", "application/octet-stream", ""]],
    },
  });
});

serviceTest("python3-tornado", "multipart body is read as Tornado reads it", async () => {
  const ascii = fc.string({ minLength: 1, unit: fc.constantFrom(..."ab ;\\.%=,'") })
    // Tornado takes the quote after an escaped backslash for an escaped quote.
    .filter((text) => text.trim() === text && !text.endsWith("\\"));
  const sent = fc.array(
    fc.record<SentPart>({ name: ascii, filename: fc.option(ascii), content }),
    { maxLength: 5 },
  );
  const bodies = fc.sample(sent, 200).map(write);
  const script = `
from tornado.httputil import parse_multipart_form_data
output = []
for body in input:
    fields, files = {}, {}
    parse_multipart_form_data(b"1234", bytes(body), fields, files)
    output.append([
        [[name, [list(value) for value in values]] for name, values in fields.items()],
        [[name, [[f.filename, f.content_type, list(f.body)] for f in values]]
            for name, values in files.items()],
    ])`;
  const ours = bodies.map((source) => {
    const { fields, files } = parseMultipart(TYPE, source, { decode: (bytes) => bytes.join() });
    return [
      mapValues(fields, (value) => value === "" ? [] : value.split(",").map(Number)),
      mapValues(files, (file) => [file.filename, file.contentType, [...file.body]]),
    ];
  });
  assertEquals(await runPython(script, bodies.map((source) => [...source])), ours);
});

function mapValues<T, U>(record: Record<string, T[]>, map: (value: T) => U): [string, U[]][] {
  return Object.entries(record).map(([name, values]) => [name, values.map(map)]);
}

Deno.test("multipart content is read in linear time, however close it comes to a delimiter", () => {
  const near = "x".repeat(69);
  const type = `multipart/form-data; boundary=${near}y`;
  const head = `--${near}y\r\n${DISPOSITION}; filename=a\r\n\r\n`;
  for (const part of ["\r", "\r\n", "\r\n--", `\r\n--${near}`, "x", "y", "-", "\r\n\r\n"]) {
    assertLinear((n) => {
      const source = encoder.encode(`${head}${part.repeat(n)}\r\n--${near}y--`);
      parseMultipart(type, source);
    }, { n: Math.ceil(200_000 / part.length) });
  }
});

Deno.test("multipart content is read in linear time in the smallest chunks", () => {
  for (const text of ["\r", "\r\n--123", "x"]) {
    assertLinear((n) => {
      const parser = new MultipartParser("1234");
      const source = onePart(DISPOSITION, text.repeat(n / text.length));
      for (let start = 0; start < source.length; start++) {
        parser.push(source.subarray(start, start + 1));
      }
      parser.finish();
    }, { n: 5_000 });
  }
});

Deno.test("multipart headers are read in linear time (CVE-2025-67726)", () => {
  const options = { maxPartHeaderBytes: Infinity };
  for (const part of [";", '"', '\\"', "=", " ", "a=b;", ";;a", "\r", "\r\nX:"]) {
    for (const prefix of ['; x="', "; x=", "\r\nX: "]) {
      assertLinear((n) => {
        const source = encoder.encode(
          `--1234\r\n${DISPOSITION}${prefix}${part.repeat(n)}\r\n\r\n\r\n--1234--`,
        );
        try {
          parseMultipart(TYPE, source, options);
        } catch (error) {
          assert(error instanceof HTTPInputError);
        }
      }, { n: 10_000 });
    }
  }
});
