/** Connect…, Disconnect, and the choice of a source from the status bar. */

import * as vscode from "vscode";
import {
  type ConnectParams,
  type ConnectResult,
  commands,
  type RefreshResult,
  requests,
} from "../../../server/src/lsp/protocol.ts";
import { logText, notificationText, titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { environmentConnection } from "../connection/discover.ts";
import { connectionsInFiles } from "../connection/discover-files.ts";
import { type ConnectionProfile, placeOf, readConnectionString } from "../connection/profile.ts";
import { configuredProfiles, preferredConnection } from "../settings.ts";
import { schemaItems } from "./pick-schema.ts";

interface ProfileItem extends vscode.QuickPickItem {
  readonly profile: ConnectionProfile | null;
  /** What stands beside the connection where it was found. */
  readonly password?: string | null;
}

/** Asks which database, and for a password only where the server wants one. Answers what came of it, null when given up. */
export async function connect(context: CommandContext, given?: unknown): Promise<ConnectResult | null> {
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage("Partition Lens connects only in trusted workspaces.");
    return null;
  }
  if (typeof given === "string") {
    const read = readConnectionString(given);
    if (read.ok) return open(context, read.profile, read.password ?? (await context.profiles.password(read.profile)));
    void vscode.window.showErrorMessage(notificationText(read.message));
    return null;
  }
  const chosen = await chooseProfile(context);
  if (chosen === null) return null;
  if (chosen === "type") return connectAsTyped(context);
  return open(context, chosen.profile, chosen.password ?? (await context.profiles.password(chosen.profile)));
}

/** Asks for a connection string until one connects: what was typed stays there to be put right, with what is wrong below it. */
async function connectAsTyped(context: CommandContext): Promise<ConnectResult | null> {
  for (let attempt: { readonly text: string; readonly message: string } | null = null; ; ) {
    const typed: string | undefined = await typeConnectionString(attempt);
    const read = typed === undefined ? null : readConnectionString(typed);
    if (typed === undefined || read === null) return null;
    if (!read.ok) {
      attempt = { text: typed, message: read.message };
      continue;
    }
    const { profile } = read;
    const password = read.password ?? (await context.profiles.password(profile));
    const result = await tryWithPassword(context, profile, password);
    if (result === null || result.ok) return result;
    context.log.error(logText(`${profile.name}: ${result.message}`));
    attempt = { text: typed, message: `Not connected: ${result.message}` };
  }
}

export async function disconnect({ server }: CommandContext): Promise<void> {
  await server.request(requests.disconnect);
}

/** Has the schema of the connected database read again: it is looked at now and then by itself, and here at once. */
export async function refreshCatalog(context: CommandContext): Promise<RefreshResult> {
  const { server, log } = context;
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Reading the schema" },
    () => server.execute<RefreshResult>(commands.refreshCatalog, null),
  );
  if (result.ok) {
    const read = `${result.relations} ${result.relations === 1 ? "relation" : "relations"} read`;
    vscode.window.setStatusBarMessage(`$(check) ${titleText(result.name)}: ${read}`, 5_000);
    return result;
  }
  log.error(logText(`the schema was not read: ${result.message}`));
  void vscode.window
    .showErrorMessage(notificationText(`The schema was not read: ${result.message}`), "Connect…", "Show Log")
    .then((answer) => {
      if (answer === "Connect…") return connect(context);
      if (answer === "Show Log") log.show(true);
      return undefined;
    });
  return result;
}

export async function forgetPassword({ profiles }: CommandContext): Promise<void> {
  const known = [...configuredProfiles(), ...profiles.recent()];
  if (known.length === 0) {
    void vscode.window.showInformationMessage("No connection is known, so there is no password to forget.");
    return;
  }
  const picked = await vscode.window.showQuickPick(
    known.map((profile) => ({ label: titleText(profile.name), profile })),
    { title: "Forget the Password of a Connection" },
  );
  if (picked !== undefined) await profiles.forgetPassword(picked.profile);
}

/** What the status bar item opens. */
export async function selectSource(context: CommandContext): Promise<void> {
  const items: readonly SourceItem[] = [
    ...(await schemaItems(context)),
    {
      label: "$(database) Connect…",
      description: "read-only: EXPLAIN and catalog queries, nothing else",
      run: () => connect(context),
    },
    ...(context.status.isConnected() ? connectedItems(context) : []),
    { label: "$(output) Show Log", run: () => context.log.show(true) },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: "Choose Database or Schema" });
  await picked?.run();
}

type SourceItem = vscode.QuickPickItem & { readonly run: () => unknown };

function connectedItems(context: CommandContext): readonly SourceItem[] {
  return [
    {
      label: "$(refresh) Refresh Catalog",
      description: "read the connected database's schema again",
      run: () => refreshCatalog(context),
    },
    {
      label: "$(debug-disconnect) Disconnect",
      description: "back to the embedded PostgreSQL",
      run: () => disconnect(context),
    },
  ];
}

async function open(
  context: CommandContext,
  profile: ConnectionProfile,
  password: string | null,
): Promise<ConnectResult | null> {
  const result = await tryWithPassword(context, profile, password);
  if (result !== null && !result.ok) reportFailure(context, { profile, password }, result.message);
  return result;
}

/** Asks for a password as long as the server wants another one; null when given up. */
async function tryWithPassword(
  context: CommandContext,
  profile: ConnectionProfile,
  known: string | null,
): Promise<ConnectResult | null> {
  for (let password = known; ; ) {
    const result = await tryToConnect(context, profile, password);
    if (result.ok) await context.profiles.remember(profile, password);
    if (result.ok || result.kind !== "authentication") return result;
    const typed = await vscode.window.showInputBox({
      title: titleText(`Password for ${profile.name}`),
      prompt: notificationText(result.message),
      password: true,
      ignoreFocusOut: true,
    });
    if (typed === undefined) return null;
    password = typed;
  }
}

function tryToConnect(
  { server }: CommandContext,
  { name, connectionString }: ConnectionProfile,
  password: string | null,
): Thenable<ConnectResult> {
  const params: ConnectParams = { name, connectionString, ...(password !== null && { password }) };
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: titleText(`Connecting to ${name}`) },
    () => server.request<ConnectResult>(requests.connect, params),
  );
}

/** A toast is in place here: it answers the command that somebody has just given. */
function reportFailure(
  context: CommandContext,
  { profile, password }: { readonly profile: ConnectionProfile; readonly password: string | null },
  message: string,
): void {
  const { log, profiles } = context;
  log.error(logText(`${profile.name}: ${message}`));
  void vscode.window
    .showErrorMessage(notificationText(`Not connected to ${profile.name}: ${message}`), "Try Again", "Show Log")
    .then(async (answer) => {
      if (answer === "Try Again") await open(context, profile, password ?? (await profiles.password(profile)));
      if (answer === "Show Log") log.show(true);
    });
}

/** `type`: a connection string is to be typed. */
async function chooseProfile({
  profiles,
}: CommandContext): Promise<{ readonly profile: ConnectionProfile; readonly password: string | null } | "type" | null> {
  const environment = environmentConnection(process.env);
  const configured = configuredProfiles();
  const isNew = ({ name }: ConnectionProfile, others: readonly { readonly profile: ConnectionProfile }[]): boolean =>
    !others.some(({ profile }) => profile.name === name);
  const ofSettings = configured.map((profile) => ({ profile }));
  // What a file says now goes before what was remembered of an earlier reading of it.
  const inFiles = (await connectionsInFiles()).filter(({ profile }) => isNew(profile, ofSettings));
  const recent = profiles.recent().filter((profile) => isNew(profile, [...ofSettings, ...inFiles]));
  const preferred = preferredConnection();
  const items: ProfileItem[] = [
    ...configured
      .toSorted((a, b) => Number(b.name === preferred) - Number(a.name === preferred))
      .map((profile) => profileItem(profile, "settings")),
    ...recent
      .filter(({ connectionString }) => connectionString !== null)
      .map((profile) => profileItem(profile, "recent")),
    ...(environment === null ? [] : [profileItem(environment.profile, environment.description)]),
    ...inFiles.map(({ profile, description, password }) => ({ ...profileItem(profile, description), password })),
    { label: "$(edit) Enter a connection string…", profile: null },
  ];
  const only = items.length === 1 ? items[0] : undefined;
  const picked =
    only ??
    (await vscode.window.showQuickPick(items, { title: "Connect Read-Only to PostgreSQL", matchOnDescription: true }));
  if (picked === undefined) return null;
  return picked.profile === null ? "type" : { profile: picked.profile, password: picked.password ?? null };
}

/** With `user@host/database`, which the name that somebody has given it may not say. */
function profileItem(profile: ConnectionProfile, description: string): ProfileItem {
  const place = placeOf(profile);
  const said = place === null || place === profile.name ? description : `${place} · ${description}`;
  return { label: `$(database) ${titleText(profile.name)}`, description: titleText(said), profile };
}

async function typeConnectionString(
  earlier: { readonly text: string; readonly message: string } | null,
): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: "Connect Read-Only to PostgreSQL",
    prompt:
      earlier === null
        ? "A URI, or words such as host=localhost dbname=shop. A password goes to the editor's secret storage."
        : notificationText(earlier.message),
    ...(earlier === null ? {} : { value: earlier.text }),
    placeHolder: "postgres://user@localhost:5432/database",
    ignoreFocusOut: true,
    validateInput: (text) => {
      const read = readConnectionString(text);
      return text === "" || read.ok ? null : notificationText(read.message);
    },
  });
}
