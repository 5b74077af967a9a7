/** Keeps the connections people used, and their passwords in the editor's secret storage. */

import type * as vscode from "vscode";
import type { ConnectionProfile } from "./profile.ts";

const recentKey = "recentConnections";
const recentLimit = 8;

export interface ProfileStore {
  /** The last ones used, newest first. */
  readonly recent: () => readonly ConnectionProfile[];
  readonly remember: (profile: ConnectionProfile, password: string | null) => Promise<void>;
  /** null where none is kept, or where the host cannot keep any. */
  readonly password: (profile: ConnectionProfile) => Promise<string | null>;
  readonly forgetPassword: (profile: ConnectionProfile) => Promise<void>;
}

export function createProfileStore(context: vscode.ExtensionContext): ProfileStore {
  const recent = (): readonly ConnectionProfile[] => context.globalState.get<ConnectionProfile[]>(recentKey, []);
  return {
    recent,
    async remember(profile, password) {
      const others = recent().filter(({ name }) => name !== profile.name);
      await context.globalState.update(recentKey, [profile, ...others].slice(0, recentLimit));
      if (password !== null) await storing(() => context.secrets.store(secretKey(profile), password));
    },
    async password(profile) {
      return (await storing(async () => context.secrets.get(secretKey(profile)))) ?? null;
    },
    async forgetPassword(profile) {
      await storing(() => context.secrets.delete(secretKey(profile)));
    },
  };
}

function secretKey(profile: ConnectionProfile): string {
  return `password ${profile.connectionString ?? "environment"}`;
}

/** Some hosts have no secret storage that works; then the password is asked for each time. */
async function storing<T>(access: () => Thenable<T>): Promise<T | undefined> {
  try {
    return await access();
  } catch {
    return undefined;
  }
}
