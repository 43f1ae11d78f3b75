/** The application as a worker. Its template stands beside it, compiled; an object hosts its topics. */
import type { Application, TemplateCode } from "@gustnado/gustnado";
import {
  durableObjectBroker,
  TopicObject,
  type TopicObjectSettings,
  topicSockets,
} from "@gustnado/gustnado/workers";
import { smokeApplication } from "./application.ts";

// Not written as a literal, the name is left to the runtime.
const name = "./page.js";
const compiled = { "page.html": await import(name) as TemplateCode };

/** The topics of the application. */
export class Topics extends TopicObject {
  override createApplication(settings: TopicObjectSettings): Application {
    return smokeApplication({ compiled, settings });
  }
}

const application: Application = smokeApplication({
  compiled,
  settings: { broker: durableObjectBroker(), middleware: [topicSockets()] },
});
export default application;
