/** The parts of the page that know what the protocol allows. */
import { UIModule, type UIModuleOutput } from "@gustnado/gustnado";
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from "./protocol.ts";

/** Asks for a name. */
export class JoinForm extends UIModule {
  override render(): UIModuleOutput {
    return this.renderString("module_join_form.html", { maxLength: MAX_NAME_LENGTH });
  }
}

/** Takes what is to be said. */
export class Composer extends UIModule {
  override render(): UIModuleOutput {
    return this.renderString("module_composer.html", { maxLength: MAX_TEXT_LENGTH });
  }
}
