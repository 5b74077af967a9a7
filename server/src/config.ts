/** Every setting: its name, type, default and sentence. Read once from its sources and passed on explicitly. */

/** Where a setting may be set in VS Code, https://code.visualstudio.com/api/references/contribution-points#contributes.configuration */
export type SettingScope = "resource" | "window" | "machine-overridable";

export interface SettingDefinition<Value = unknown> {
  readonly type: SettingType<Value>;
  readonly default: Value;
  /** One or two sentences in Markdown, as the settings editor and the README show them. */
  readonly description: string;
  readonly scope: SettingScope;
  /** Says where or as whom to connect: without effect in a workspace that nobody has declared trusted. */
  readonly restricted?: boolean | undefined;
}

/** What values a setting takes. */
export interface SettingType<Value> {
  /** JSON schema, as `package.json` wants it. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** For the message about a wrong value: what it has to be. */
  readonly expected: string;
  /** The value that the raw one stands for, or undefined where it stands for none. */
  readonly read: (raw: unknown) => Value | undefined;
}

/** Of a list of texts: each may be looked for among all files. */
const mostTexts = 1_000;

export const postgresVersions = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;
/** Taken where the setting says `auto` and no database is connected. */
export const defaultPostgresVersion = 18;
/** The major that the model has for a `server_version_num` (null: none is known): the nearest, where it is older or newer than all. */
export function majorOf(serverVersion: number | null): (typeof postgresVersions)[number] {
  if (serverVersion === null) return defaultPostgresVersion;
  const major = Math.floor(serverVersion / 10_000);
  return postgresVersions.findLast((known) => known <= major) ?? postgresVersions[0];
}

export const pathmanVersions = ["auto", "readme", "0.1", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5"] as const;
export const partmanVersions = ["auto", "4", "5"] as const;
export const lensStatements = [
  "select",
  "insert",
  "update",
  "delete",
  "merge",
  "partitioned-table",
  "notable-partition",
  "partition",
  "script",
] as const;
export const ruleSeverities = ["error", "warning", "information", "hint", "off"] as const;

export type RuleSeverity = (typeof ruleSeverities)[number];
/** A connection without its password, as the settings hold it; names and meanings as libpq has them. */
export type ConnectionSetting = Readonly<Record<string, string | number | boolean>>;

/** The closed list, in the order in which the README shows it. Names stand under `partitionLens` in an editor. */
export const settingDefinitions = {
  postgresVersion: {
    type: postgresVersion(),
    default: "auto",
    scope: "resource",
    description: `The PostgreSQL major that the SQL is meant for, from 10 to 19. \`auto\` takes the connected server's, else ${defaultPostgresVersion}.`,
  },
  timeZone: {
    type: text(),
    default: "UTC",
    scope: "resource",
    description: "The session's `TimeZone` at the start of a script: an IANA name or a fixed offset.",
  },
  today: {
    type: text({
      pattern: "^(\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2})?Z)?)?$",
      expected: "a date such as 2026-01-31, a moment such as 2026-01-31T12:00:00Z, or empty",
    }),
    default: "",
    scope: "resource",
    description: "The date (`YYYY-MM-DD`) that `now()` and `current_date` stand for. Empty takes the clock's.",
  },
  "schema.complete": {
    type: flag(),
    default: false,
    scope: "resource",
    description:
      "Whether a file, with its chain of migrations, is the whole schema. Only then is a relation that nothing creates an error.",
  },
  "schema.migrations": {
    type: texts(),
    default: [],
    scope: "resource",
    description:
      "Globs of migration files that run one after the other in natural order, such as `migrations/*.sql`. A file of the chain starts from what the earlier ones leave.",
  },
  "schema.detectMigrations": {
    type: flag(),
    default: true,
    scope: "resource",
    description:
      "Whether, while `schema.migrations` is empty, files are taken for a chain that are named, or begin, as those of migration tools do: Flyway, golang-migrate, Sqitch, Prisma, Diesel, Liquibase, sql-migrate, goose, dbmate and others; in a folder of migrations, patches or the like also plain numbers. Files that make none of the tables they use start from what the nearest chain leaves, or a dump of the schema.",
  },
  "schema.files": {
    type: texts(),
    default: [],
    scope: "resource",
    description:
      "Globs of files that hold the schema where there is no chain of migrations, such as `schema/tables.sql`; they run in the order of the globs. Files that make none of the tables they use start from what these leave.",
  },
  "schema.searchPath": {
    type: texts(),
    default: ["public"],
    scope: "resource",
    description: "The schemas searched for unqualified names at the start of a script.",
  },
  "schema.collation": {
    type: text(),
    default: "",
    scope: "resource",
    description:
      "The collation of the database, such as `C` or `en_US.utf8`. While it is empty and no database is connected, it is taken to be `C`, as that of the embedded PostgreSQL; what rests on that is a warning, never an error.",
  },
  pathmanVersion: {
    type: choice(pathmanVersions),
    default: "auto",
    scope: "resource",
    description:
      "The pg_pathman version that the SQL is meant for; `readme` is the era of its first README. `auto` is told by CREATE EXTENSION or the connected database, else by the calls, else it is 1.5.",
  },
  partmanVersion: {
    type: choice(partmanVersions),
    default: "auto",
    scope: "resource",
    description:
      "The major version of pg_partman that the SQL is meant for. `auto` is told by CREATE EXTENSION or the connected database, else by the calls, else it is 5.",
  },
  "diagnostics.enabled": {
    type: flag(),
    default: true,
    scope: "resource",
    description: "Whether findings are reported.",
  },
  "diagnostics.maxPerFile": {
    type: wholeNumber(1, 10_000),
    default: 250,
    scope: "resource",
    description:
      "The largest number of findings reported for one file; the last one then says how many more there are.",
  },
  rules: {
    type: severities(),
    default: {},
    scope: "resource",
    description:
      'The severity of single rules, by id: `{ "range-gap": "error", "pruning-none": "off" }`. See the rules\' pages for their ids.',
  },
  "codeLens.enabled": {
    type: flag(),
    default: true,
    scope: "resource",
    description: "Whether lenses stand above statements that touch a partitioned table.",
  },
  "codeLens.statements": {
    type: choices(lensStatements),
    default: lensStatements.filter((kind) => kind !== "partition"),
    scope: "resource",
    description:
      "The kinds of statement that get a lens. `notable-partition` is a partition's statement where there is something that the line does not say: a gap before it, an overlap, a bound that is stored otherwise, sub-partitions, rows and size in a connected database, that it is rejected. `partition` gives all of them a lens, with their place and bound. `script` offers to rehearse: above generated scripts, and the newest migration.",
  },
  "codeLens.names": {
    type: wholeNumber(0, 20),
    default: 3,
    scope: "resource",
    description: "How many surviving partitions a lens names before it only counts them.",
  },
  "hover.enabled": {
    type: flag(),
    default: true,
    scope: "resource",
    description: "Whether hovers explain partitions, bounds and pruning.",
  },
  "hover.maxPartitions": {
    type: wholeNumber(1, 500),
    default: 20,
    scope: "resource",
    description: "How many partitions a hover lists before it only counts them.",
  },
  "inlayHints.enabled": {
    type: flag(),
    default: false,
    scope: "resource",
    description: "Shows the text of the lenses at the end of lines too, for editors without lenses.",
  },
  "embedded.enabled": {
    type: flag(),
    default: true,
    scope: "window",
    description:
      "Whether the embedded PostgreSQL plans the queries of a file whose tables the file itself creates, while no database is connected.",
  },
  "limits.maxFileSizeKb": {
    type: wholeNumber(1, 1_000_000),
    default: 4096,
    scope: "resource",
    description: "Files above this size are not analysed; one message at their top says so.",
  },
  "otherLanguages.enabled": {
    type: flag(),
    default: true,
    scope: "resource",
    description:
      "Whether queries in the strings of TypeScript, JavaScript, Python, Go, Java, Kotlin, C#, Ruby, PHP and Rust get lenses and hovers, where the workspace has a partitioned table.",
  },
  connection: {
    type: text(),
    default: "",
    scope: "window",
    restricted: true,
    description: "The name of the connection, among `#partitionLens.connections#`, that *Connect…* proposes first.",
  },
  reconnect: {
    type: flag(),
    default: false,
    scope: "window",
    restricted: true,
    description:
      "Whether a connection that the server has ended is opened again by itself, with growing pauses; else the next query that is looked at does so.",
  },
  connections: {
    type: connectionList(),
    default: [],
    scope: "window",
    restricted: true,
    description:
      "Databases to choose from, each with a `name` and libpq's `host`, `port`, `dbname`, `user`, `sslmode`, `service` … Never a password: it is asked for and kept by the editor's secret storage, or read from `~/.pgpass`. With `planningRunsFunctions`, statements are planned there also where planning runs functions of the database.",
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingName = keyof typeof settingDefinitions;

type ValueOf<Name extends SettingName> =
  (typeof settingDefinitions)[Name]["type"] extends SettingType<infer Value> ? Value : never;

/** The value of every setting under its full name: `settings["schema.complete"]`. */
export type Settings = { readonly [Name in SettingName]: ValueOf<Name> };

/** One source of settings with its raw content: nested objects, dotted names, or a mixture. */
export interface SettingsLayer {
  /** For messages: `partition-lens.json`, `initializationOptions`, … */
  readonly source: string;
  readonly values: unknown;
  /**
   * Whether the source states defaults like values that somebody has chosen, as VS Code's configuration does. A default
   * then says nothing and leaves the setting to the next layer.
   */
  readonly withDefaults?: boolean | undefined;
}

export interface SettingsProblem {
  readonly source: string;
  readonly name: string;
  readonly message: string;
}

export const settingNames = Object.keys(settingDefinitions) as readonly SettingName[];

export const defaultSettings: Settings = Object.fromEntries(
  settingNames.map((name) => [name, settingDefinitions[name].default]),
) as unknown as Settings;

/** More mistakes of one source are counted, and not told one by one. */
const mostProblems = 20;

/**
 * Reads the layers, the weightiest first. A value that a setting does not take is reported and leaves the setting to the
 * next layer; so is a name that is no setting. A layer may be of any size and depth.
 */
export function readSettings(layers: readonly SettingsLayer[]): {
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
} {
  const problems: SettingsProblem[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const { source, values: raw, withDefaults } of layers) {
    let found = 0;
    const tell = (name: string, message: () => string): void => {
      if (++found <= mostProblems) problems.push({ source, name, message: message() });
    };
    for (const [name, value] of flatten(raw)) {
      if (!isSettingName(name)) {
        tell(name, () => unknownSetting(name));
        continue;
      }
      const { type, default: byDefault } = settingDefinitions[name];
      const read: unknown = type.read(value);
      if (withDefaults === true && JSON.stringify(read) === JSON.stringify(byDefault)) continue;
      if (read === undefined) tell(name, () => `"${name}" must be ${type.expected}`);
      else if (!(name in values)) values[name] = read;
    }
    if (found > mostProblems)
      problems.push({ source, name: "", message: `${found - mostProblems} more settings are not taken` });
  }
  return { settings: { ...defaultSettings, ...values } as Settings, problems };
}

/** The value that a text stands for on a command line: JSON where it reads as such, else the text itself. */
export function settingFromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The JSON schema of `partition-lens.json`. */
export function settingsSchema(): Readonly<Record<string, unknown>> {
  const properties = Object.fromEntries(
    settingNames.map((name) => {
      const { type, default: value, description } = settingDefinitions[name];
      return [name, { ...type.schema, default: value, description }];
    }),
  );
  return { type: "object", properties: { $schema: { type: "string" }, ...properties } };
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingDefinitions, name);
}

function unknownSetting(name: string): string {
  const nearest = settingNames.find(
    (known) => known.toLowerCase() === name.toLowerCase() || known.endsWith(`.${name}`),
  );
  return nearest === undefined ? `there is no setting "${name}"` : `there is no setting "${name}", but "${nearest}"`;
}

/** Deeper in a layer stands no setting: names have few parts, and `partitionLens` stands in front of them once. */
const deepestSetting = 8;

/** Every setting in a raw layer with its full name; `partitionLens` and `partitionLens.` in front are dropped. */
function* flatten(raw: unknown, prefix = "", depth = 0): Generator<readonly [name: string, value: unknown]> {
  if (!isRecord(raw) || depth > deepestSetting) return;
  for (const [key, value] of Object.entries(raw)) {
    const name = `${prefix}${key}`.replace(/^partitionLens(?:\.|$)/, "");
    if (name === "$schema" || value === undefined || value === null) continue;
    if (name === "") yield* flatten(value, "", depth + 1);
    else if (!isSettingName(name) && isRecord(value) && settingNames.some((known) => known.startsWith(`${name}.`)))
      yield* flatten(value, `${name}.`, depth + 1);
    else yield [name, value];
  }
}

function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

/** A list in a list, and so on, would be written out by recursion. */
function plainText(raw: unknown): string | null {
  return typeof raw === "object" ? null : String(raw);
}

function flag(): SettingType<boolean> {
  return {
    schema: { type: "boolean" },
    expected: "true or false",
    read: (raw) => (typeof raw === "boolean" ? raw : undefined),
  };
}

function text(options?: { readonly pattern: string; readonly expected: string }): SettingType<string> {
  const pattern = options === undefined ? null : new RegExp(options.pattern);
  return {
    schema: { type: "string", ...(options && { pattern: options.pattern }) },
    expected: options?.expected ?? "a string",
    read: (raw) => (typeof raw === "string" && (pattern === null || pattern.test(raw)) ? raw : undefined),
  };
}

/** A list of strings; a lone string stands for a list of one. */
function texts(): SettingType<readonly string[]> {
  return {
    schema: { type: "array", items: { type: "string" }, maxItems: mostTexts },
    expected: `a list of at most ${mostTexts} strings`,
    read: (raw) => {
      const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
      return list.length <= mostTexts && list.every((item) => typeof item === "string") ? list : undefined;
    },
  };
}

function wholeNumber(minimum: number, maximum: number): SettingType<number> {
  return {
    schema: { type: "integer", minimum, maximum },
    expected: `a whole number from ${minimum} to ${maximum}`,
    read: (raw) =>
      typeof raw === "number" && Number.isInteger(raw) && raw >= minimum && raw <= maximum ? raw : undefined,
  };
}

function choice<const Choice extends string>(values: readonly Choice[]): SettingType<Choice> {
  return {
    schema: { type: "string", enum: values },
    expected: `one of ${values.join(", ")}`,
    read: (raw) => values.find((value) => value === plainText(raw)),
  };
}

function choices<const Choice extends string>(values: readonly Choice[]): SettingType<readonly Choice[]> {
  return {
    schema: { type: "array", items: { type: "string", enum: values }, uniqueItems: true },
    expected: `a list of ${values.join(", ")}`,
    read: (raw) => {
      if (!Array.isArray(raw)) return undefined;
      return raw.every((item) => values.includes(item as Choice)) ? (raw as readonly Choice[]) : undefined;
    },
  };
}

function postgresVersion(): SettingType<"auto" | (typeof postgresVersions)[number]> {
  return {
    schema: { enum: ["auto", ...postgresVersions] },
    expected: `"auto" or a number from ${postgresVersions[0]} to ${postgresVersions.at(-1)}`,
    read: (raw) => (raw === "auto" ? raw : postgresVersions.find((version) => String(version) === plainText(raw))),
  };
}

function severities(): SettingType<Readonly<Record<string, RuleSeverity>>> {
  return {
    schema: { type: "object", additionalProperties: { type: "string", enum: ruleSeverities } },
    expected: `an object of rule ids, each ${ruleSeverities.join(", ")}`,
    read: (raw) => {
      if (!isRecord(raw)) return undefined;
      const valid = Object.values(raw).every((value) => ruleSeverities.some((severity) => severity === value));
      return valid ? (raw as Readonly<Record<string, RuleSeverity>>) : undefined;
    },
  };
}

/** Its members are plain values, also those that we do not know. */
function isConnection(raw: unknown): boolean {
  if (!isRecord(raw) || typeof raw["name"] !== "string" || "password" in raw) return false;
  return Object.values(raw).every((member) => typeof member !== "object" || member === null);
}

function connectionList(): SettingType<readonly ConnectionSetting[]> {
  const properties = Object.fromEntries(
    ["name", "host", "dbname", "user", "sslmode", "sslrootcert", "sslcert", "sslkey", "service", "uri"].map((name) => [
      name,
      { type: "string" },
    ]),
  );
  return {
    schema: {
      type: "array",
      items: {
        type: "object",
        properties: { ...properties, port: { type: "integer" }, planningRunsFunctions: { type: "boolean" } },
        required: ["name"],
        additionalProperties: false,
      },
    },
    expected: "a list of objects with a name and without a password",
    read: (raw) => {
      if (!Array.isArray(raw)) return undefined;
      const valid = raw.every((item) => isConnection(item));
      return valid ? (raw as readonly ConnectionSetting[]) : undefined;
    },
  };
}
