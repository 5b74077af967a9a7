/** `initialize` as the library's own handlers can read it, which look into its capabilities before anybody checks them. */

import type { Message } from "vscode-languageserver/node";

/** A client that says nothing of its capabilities has none; whatever else is odd in its greeting is left to the handler. */
export function withCapabilities(message: Message): Message {
  const { method, params } = message as { readonly method?: unknown; readonly params?: unknown };
  if (method !== "initialize" || typeof params !== "object" || params === null || Array.isArray(params)) return message;
  const { capabilities } = params as { readonly capabilities?: unknown };
  return { ...message, params: { ...params, capabilities: capabilities ?? {} } } as Message;
}
