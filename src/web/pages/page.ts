import type { BaseLoader } from "../../template/loaders/base_loader.ts";
import { atOnce } from "../../concurrent/coroutine/promise_like.ts";
import {
  type CompiledTemplate,
  generateIn,
  generateStreamIn,
} from "../../template/compiled_template.ts";
import {
  type ModuleFunction,
  type NameSource,
  RecordNames,
  type TemplateScope,
} from "../../template/compiler/scope.ts";
import type { RequestHandler } from "../request_handler.ts";
import { HandlerNames } from "./handler_names.ts";
import { collectResources, endsBody, insertAtEnd, insertResources } from "./page_resources.ts";
import type { PageKit } from "./page_kit.ts";
import type { UIModule } from "./ui_module.ts";
import { boundMethod } from "./ui_settings.ts";

/** The page that one handler renders, with the UI modules on it. */
export class Page {
  readonly #handler: RequestHandler;
  readonly #kit: PageKit;
  readonly #modules = new Map<string, UIModule>();
  #loader: BaseLoader | undefined;

  /**
   * @param handler Whose page it is.
   * @param kit What the pages of its application share.
   */
  constructor(handler: RequestHandler, kit: PageKit) {
    this.#handler = handler;
    this.#kit = kit;
  }

  /** Renders a template alone, without the resources of its UI modules. */
  text(name: string, namespace: Readonly<Record<string, unknown>>): string | Promise<string> {
    return generateIn(this.#template(name), this.#scope(namespace));
  }

  /** Renders a page: a template, and the resources of its UI modules. */
  html(name: string, namespace: Readonly<Record<string, unknown>>): string | Promise<string> {
    const text = this.text(name, namespace);
    return typeof text === "string"
      ? this.#complete(text)
      : text.then((page) => this.#complete(page));
  }

  /**
   * Renders a page piece by piece. The head has left before the UI modules are known, so all of their
   * resources go to the end of the body.
   */
  async *stream(
    name: string,
    namespace: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<string> {
    let resourcesSent = false;
    const chunks = generateStreamIn(this.#template(name), this.#scope(namespace));
    for await (const chunk of chunks) {
      const takesResources: boolean = !resourcesSent && endsBody(chunk);
      resourcesSent ||= takesResources;
      yield takesResources ? insertAtEnd(chunk, this.#allResources()) : chunk;
    }
    if (!resourcesSent) yield this.#allResources();
  }

  #complete(html: string): string {
    if (this.#modules.size === 0) return html;
    return insertResources(html, collectResources([...this.#modules.values()], this.#handler));
  }

  #allResources(): string {
    const { head, body } = collectResources([...this.#modules.values()], this.#handler);
    return head + body;
  }

  #template(name: string): CompiledTemplate {
    this.#loader ??= this.#kit.loaderOf(this.#handler);
    return this.#loader.load(name);
  }

  #scope(namespace: Readonly<Record<string, unknown>>): TemplateScope {
    const handler = this.#handler;
    return {
      sources: [
        new RecordNames(namespace),
        new RecordNames(atOnce(handler.getTemplateNamespace(), ...NAMESPACE)),
        new MethodNames(handler, this.#kit),
        new HandlerNames(handler),
      ],
      module: (name) => this.#module(name),
    };
  }

  #module(name: string): ModuleFunction | undefined {
    const moduleClass = this.#kit.modules.get(name);
    if (moduleClass === undefined) return undefined;
    const module = this.#modules.get(name) ?? new moduleClass(this.#handler);
    this.#modules.set(name, module);
    return (...args) => module.render(...args);
  }
}

const NAMESPACE = [
  "getTemplateNamespace()",
  "it must not be async; wait in prepare(), and give here what came of it",
] as const;

/** The names of the setting `uiMethods`. */
class MethodNames implements NameSource {
  readonly #handler: RequestHandler;
  readonly #kit: PageKit;

  constructor(handler: RequestHandler, kit: PageKit) {
    this.#handler = handler;
    this.#kit = kit;
  }

  has(name: string): boolean {
    return this.#kit.methods.has(name);
  }

  get(name: string): unknown {
    const method = this.#kit.methods.get(name);
    return method && boundMethod(method, this.#handler);
  }

  names(): Iterable<string> {
    return this.#kit.methods.keys();
  }
}
