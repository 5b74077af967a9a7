/** The migration tools: how their files are known, in which order they run, where statements end, and which run in a transaction. */

/*
 * Facts from the tools' documentation and sources; the one place to add a tool to. Expressions for lines are matched where a
 * line begins unless they say otherwise.
 */

import type { TextLike } from "../text/chunked-text.ts";
import { isForOtherDatabase } from "./changeset-databases.ts";

export interface MigrationTool {
  readonly name: string;
  readonly layouts: readonly Layout[];
  /** What its files begin with, whatever they are called. */
  readonly signature?: RegExp | undefined;
  /** Where the files with its signature lie that run with one of them, from the most particular place on. */
  readonly signed?: readonly SignedLayout[] | undefined;
  /** A file beside them that only it has, from the root of the chain. */
  readonly companion?: string | undefined;
  /** Comments at which a statement ends though it has no semicolon. */
  readonly statementEnd?: RegExp | undefined;
  /** Lines at which a part of a file begins that is run by itself; `notHere` tells the first lines of those for other databases. */
  readonly sections?:
    | {
        readonly up: RegExp | null;
        readonly down: RegExp | null;
        readonly notHere?: ((line: string) => boolean) | undefined;
      }
    | undefined;
  /**
   * `text`: a section goes to PostgreSQL in one piece, so that nothing of it is run where the grammar refuses a part, and its
   * statements share a transaction. `statements`: one after the other. `psql`: by psql with ON_ERROR_STOP.
   */
  readonly sends: "statements" | "text" | "psql";
  /** `block`: BEGIN before a section and COMMIT after it. `unknown`: that is not always so. */
  readonly transaction: "block" | "none" | "unknown";
  /** How a section gets no transaction. */
  readonly optOut?: OptOut | undefined;
  /** The files that say which ones run, where it is not told by their names; from the root of the chain. */
  readonly list?: FileList | undefined;
  /** Where it says what it puts in the place of its placeholders. */
  readonly configuration?: Configuration | undefined;
  /** Absent: as plain SQL, and that is all. */
  readonly writing?: Writing | undefined;
}

/** Files with settings of a tool, in the folder of the chain or above it: of several folders the nearest counts. */
export interface Configuration {
  readonly format: "flyway";
  /** Their paths from that folder, each before those that come first for the tool. */
  readonly files: readonly string[];
}

/** How a new file is written. */
export interface Writing {
  /** null: as plain SQL. */
  readonly style: WritingStyle | null;
  /** What the person has to do besides, once there is a file of this name. */
  readonly note?: ((name: string) => string) | undefined;
}

/** What stands around the statements: `{author}`, `{id}` and `{title}` are replaced. */
export interface WritingStyle {
  readonly up: string;
  /** Before what undoes: a line, or the beginning of each line; null where no part of the file does. */
  readonly down: { readonly line: string } | { readonly each: string } | null;
}

export interface FileList {
  /** The end of its path; what comes before is the root. */
  readonly path: RegExp;
  readonly format: "sqitch" | "drizzle" | "liquibase";
  /** Whether the tool cannot do without it. */
  readonly required: boolean;
}

export interface OptOut {
  /** Anywhere in the file. */
  readonly file?: RegExp | undefined;
  /** The first line of the section. */
  readonly section?: RegExp | undefined;
  /** Another file, beside this one, and what it says. */
  readonly beside?: { readonly name: (fileName: string) => string; readonly says: RegExp } | undefined;
  /** A statement without which the tool cannot do. */
  readonly statement?: RegExp | undefined;
}

/** Where the files of a chain lie, told by one of them. */
export interface Layout {
  /** The name of a file. */
  readonly file: RegExp;
  /** The name of a folder above it: its own, or with `marked` the last one on the path that is called so. */
  readonly folder?: RegExp | undefined;
  /** The name of the folder above that one. */
  readonly within?: RegExp | undefined;
  /**
   * The folder of the chain: the file's own, the one above that, the one above the folder that is called as `folder` says, or
   * the highest one that the tool looks through.
   */
  readonly root: "own" | "parent" | "marked" | "deep";
  /** Which files below the root belong to the chain. */
  readonly globs: readonly string[];
  /** Whether such a name means a migration in whatever folder it stands; else the folder has to be called after migrations. */
  readonly anywhere: boolean;
  /** The end of the path of a file without which there is no chain. */
  readonly companion?: string | undefined;
}

/** Where the files with a signature lie. */
export interface SignedLayout {
  /** The folder of the chain: so many above the file's own, or the highest one that is called so. */
  readonly root: number | RegExp;
  readonly globs: readonly string[];
  /** Whether one of its lists has to be there. */
  readonly listed: boolean;
}

const numbered: Layout = {
  file: /^[vV]?\d+(?:[._ -].*)?\.sql$/,
  root: "own",
  globs: ["{[vV],}[0-9]*.sql", "meta/_journal.json", "atlas.sum"],
  anywhere: false,
};

/** Folders of scripts that change what the ones before them have made. */
const changeFolder =
  /^(?:(?:(?:db|database|schema|sql)[_-]?)?(?:patch(?:es)?|deltas?|upgrades?|updates?|evolutions|versions)|(?:patch|delta|upgrade|update)[_-]?(?:scripts?|files?))$/i;

/** Each file with the signature in one folder. */
const besideEachOther: readonly SignedLayout[] = [{ root: 0, globs: ["*.sql"], listed: false }];

const changelogs = "*.{sql,xml,yaml,yml}";

/** From the most particular on. */
export const migrationTools: readonly MigrationTool[] = [
  {
    name: "goose",
    layouts: [],
    signature: /^--[ \t]*\+goose[ \t]+Up[ \t]*$/m,
    signed: besideEachOther,
    statementEnd: /--[ \t]*\+goose[ \t]+(?:StatementEnd|StatementBegin|Up|Down)[ \t]*$/my,
    sections: { up: /^--[ \t]*\+goose[ \t]+Up[ \t]*$/, down: /^--[ \t]*\+goose[ \t]+Down[ \t]*$/ },
    sends: "statements",
    transaction: "block",
    optOut: { file: /^--[ \t]*\+goose NO TRANSACTION[ \t]*$/m },
    writing: { style: { up: "-- +goose Up", down: { line: "-- +goose Down" } } },
  },
  {
    name: "dbmate",
    layouts: [],
    signature: /^--[ \t]*migrate:up(?:[ \t]|$)/m,
    signed: besideEachOther,
    statementEnd: /--[ \t]*migrate:(?:up|down)(?=\s|$)/y,
    sections: { up: /^--[ \t]*migrate:up(?:[ \t]|$)/, down: /^--[ \t]*migrate:down(?:[ \t]|$)/ },
    sends: "text",
    transaction: "block",
    optOut: { section: /[ \t]transaction:false(?:[ \t]|$)/ },
    writing: { style: { up: "-- migrate:up", down: { line: "-- migrate:down" } } },
  },
  {
    name: "sql-migrate",
    layouts: [],
    signature: /^--[ \t]*\+migrate[ \t]+Up(?:[ \t]|$)/m,
    signed: besideEachOther,
    statementEnd: /--[ \t]*\+migrate[ \t]+(?:StatementEnd|StatementBegin|Up|Down)(?=\s|$)/y,
    sections: { up: /^--[ \t]*\+migrate[ \t]+Up(?:[ \t]|$)/, down: /^--[ \t]*\+migrate[ \t]+Down(?:[ \t]|$)/ },
    sends: "statements",
    transaction: "block",
    optOut: { section: /[ \t]notransaction(?:[ \t]|$)/ },
    writing: { style: { up: "-- +migrate Up", down: { line: "-- +migrate Down" } } },
  },
  {
    name: "Liquibase",
    layouts: [],
    signature: /^--[ \t]*liquibase[ \t]+formatted[ \t]+sql/im,
    signed: [
      { root: /^(?:db[._-]?)?(?:change-?logs?|liquibase)$/i, globs: [`**/${changelogs}`], listed: false },
      { root: 2, globs: [changelogs, `*/${changelogs}`, `*/*/${changelogs}`], listed: true },
      { root: 1, globs: [changelogs, `*/${changelogs}`], listed: true },
      { root: 0, globs: [changelogs], listed: false },
    ],
    statementEnd: /--[ \t]*changeset[ \t]+\S+:\S+/iy,
    sections: { up: /^--[ \t]*changeset[ \t]+\S+:\S+/i, down: null, notHere: isForOtherDatabase },
    sends: "statements",
    transaction: "block",
    optOut: { section: /[ \t]runInTransaction:"?false\b/i },
    list: { path: /[^/]+\.(?:xml|ya?ml)$/, format: "liquibase", required: false },
    writing: {
      style: { up: "--liquibase formatted sql\n--changeset {author}:{id}", down: { each: "--rollback " } },
    },
  },
  {
    name: "node-pg-migrate",
    layouts: [],
    signature: /^[ \t]*--[ \t-]*Up[ \t]+Migration/im,
    signed: besideEachOther,
    statementEnd: /--[ \t-]*(?:Up|Down)[ \t]+Migration/iy,
    sections: { up: /^[ \t]*--[ \t-]*Up[ \t]+Migration/i, down: /^[ \t]*--[ \t-]*Down[ \t]+Migration/i },
    sends: "text",
    transaction: "block",
    writing: { style: { up: "-- Up Migration", down: { line: "-- Down Migration" } } },
  },
  {
    name: "tern",
    layouts: [],
    signature: /^---- create above \/ drop below ----[ \t]*\r?$/m,
    statementEnd: /---- create above \/ drop below ----/y,
    sections: { up: null, down: /^---- create above \/ drop below ----/ },
    sends: "statements",
    transaction: "block",
    optOut: { file: /^---- tern: disable-tx ----[ \t]*\r?$/m },
    writing: { style: { up: "", down: { line: "---- create above / drop below ----" } } },
  },
  {
    name: "MyBatis Migrations",
    layouts: [],
    signature: /^--[ \t]*\/\/[ \t]*@UNDO\b/im,
    statementEnd: /--[ \t]*\/\/[ \t]*@UNDO\b/iy,
    sections: { up: null, down: /^--[ \t]*\/\/[ \t]*@UNDO\b/i },
    sends: "statements",
    transaction: "unknown",
    writing: { style: { up: "-- // {title}", down: { line: "-- //@UNDO" } } },
  },
  {
    name: "Drizzle",
    layouts: [{ ...numbered, anywhere: true, companion: "meta/_journal.json" }],
    companion: "meta/_journal.json",
    signature: /-->[ \t]*statement-breakpoint/,
    statementEnd: /--> statement-breakpoint/y,
    sends: "statements",
    transaction: "block",
    list: { path: /(?<=^|\/)meta\/_journal\.json$/, format: "drizzle", required: false },
    writing: { style: null, note: () => "Drizzle runs it once meta/_journal.json lists it" },
  },
  {
    name: "Atlas",
    layouts: [{ ...numbered, anywhere: true, companion: "atlas.sum" }],
    companion: "atlas.sum",
    signature: /^--[ \t]*atlas:(?:delimiter|txmode|nolint|checkpoint|import)\b/m,
    sends: "statements",
    transaction: "block",
    optOut: { file: /^--[ \t]*atlas:txmode[ \t]+none[ \t]*$/m },
    writing: { style: null, note: () => '"atlas migrate hash" takes it into atlas.sum' },
  },
  {
    name: "Flyway",
    configuration: { format: "flyway", files: ["conf/flyway.conf", "flyway.conf", "flyway.toml", "flyway.user.toml"] },
    layouts: [
      {
        // V1_2__add.sql, U1_2__add.sql, B2__base.sql, R__views.sql
        file: /^(?:[VUB]\d[\w.]*|R)__.+\.sql$/,
        globs: ["**/[VUB][0-9]*__*.{sql,sql.conf}", "**/R__*.{sql,sql.conf}"],
        root: "deep",
        anywhere: true,
      },
    ],
    sends: "statements",
    transaction: "block",
    optOut: {
      beside: { name: (file) => `${file}.conf`, says: /^[ \t]*executeInTransaction[ \t]*=[ \t]*false[ \t]*$/im },
      statement:
        /^(?:(?:create|drop)\s+(?:database|tablespace|subscription)|alter\s+system|(?:create|drop)(?:\s+unique)?\s+index\s+concurrently|reindex(?:\s+verbose)?\s+(?:schema|database|system)|vacuum|discard\s+all)\b/i,
    },
  },
  {
    name: "Sqitch",
    layouts: [
      {
        file: /\.sql$/,
        folder: /^(?:deploy|revert|verify)$/,
        root: "marked",
        globs: ["sqitch.plan", "{deploy,revert,verify}/**/*.sql"],
        anywhere: true,
      },
    ],
    sends: "psql",
    transaction: "none",
    list: { path: /(?<=^|\/)sqitch\.plan$/, format: "sqitch", required: true },
    writing: { style: null, note: (name) => `"sqitch add ${name}" takes it into the plan` },
  },
  {
    name: "golang-migrate",
    layouts: [{ file: /^\d+[_-].+\.(?:up|down)\.sql$/, root: "own", globs: ["[0-9]*.{up,down}.sql"], anywhere: true }],
    sends: "text",
    transaction: "none",
    // sqlx calls its files alike, and has this instead.
    optOut: { file: /^--[ \t]*no-transaction/ },
  },
  {
    // Hasura as well: 2024-01-01-120000_add_sales/up.sql
    name: "Diesel",
    layouts: [
      {
        file: /^(?:up|down)\.sql$/,
        folder: /^\d{4,}[_-]/,
        root: "parent",
        globs: ["[0-9]*/{up,down}.sql", "[0-9]*/metadata.toml"],
        anywhere: true,
      },
    ],
    sends: "text",
    transaction: "block",
    optOut: { beside: { name: () => "metadata.toml", says: /^[ \t]*run_in_transaction[ \t]*=[ \t]*false\b/m } },
  },
  {
    // 20240101120000_add_sales/migration.sql
    name: "Prisma",
    layouts: [
      {
        file: /^migration\.sql$/,
        folder: /^\d{4,}[_-]/,
        root: "parent",
        globs: ["[0-9]*/migration.sql"],
        anywhere: true,
      },
    ],
    sends: "text",
    transaction: "none",
  },
  {
    // scripts/20240101-120000.sql
    name: "Schema Evolution Manager",
    layouts: [
      {
        file: /^\d{8}-\d{6}\.sql$/,
        folder: /^scripts$/,
        root: "own",
        globs: ["[0-9]*-[0-9]*.sql"],
        anywhere: true,
      },
    ],
    sends: "psql",
    transaction: "block",
    optOut: { file: /^[ \t]*--[ \t]+sem\.attribute\.transaction[ \t]*=[ \t]*none[ \t]*$/m },
  },
  {
    name: "docker-entrypoint",
    layouts: [{ ...numbered, folder: /^docker-entrypoint-initdb\.d$/, anywhere: true }],
    sends: "psql",
    transaction: "none",
  },
  {
    // Of plain numbers nobody knows who runs them: Supabase, sqlx, Rails-like timestamps, scripts of one's own.
    name: "numbered files",
    layouts: [
      numbered,
      // migrations/1-add-sales/up.sql
      {
        file: /^(?:up|down)\.sql$/,
        folder: /^\d+[_-]/,
        root: "parent",
        globs: ["[0-9]*/{up,down}.sql"],
        anywhere: false,
      },
      // schema/01-tables.sql; schema/16.sql may as well be all of it for one version
      { ...numbered, file: /^[vV]?\d+[._ -]+[a-zA-Z].*\.sql$/, folder: /^schemas?$/i, anywhere: true },
      { ...numbered, folder: changeFolder, anywhere: true },
      // deltas/54/01_add.sql
      {
        file: /^\d.*\.sql$/,
        folder: /^v?\d[\d.]*$/,
        within: changeFolder,
        root: "parent",
        globs: ["{v,}[0-9]*/[0-9]*.sql"],
        anywhere: true,
      },
    ],
    sections: { up: null, down: /^[ \t]*--[ \t]*(?:@down|!down|down:)(?:\s|$)/i },
    sends: "statements",
    transaction: "unknown",
  },
];

/**
 * What ends statements besides semicolons because the first line says so, as Atlas has it: `-- atlas:delimiter \\n\\n\\n`; null
 * where none does.
 */
export function declaredDelimiter(text: TextLike): string | null {
  const beginning = text.slice(0, longestDeclaration);
  const written = /^--[ \t]*atlas:delimiter[ \t]+(\S.{0,40}?)[ \t]*\r?$/m.exec(beginning)?.[1];
  if (written === undefined || !beginning.startsWith("--")) return null;
  return written.replaceAll("\\n", "\n").replaceAll("\\t", "\t").replaceAll("\\r", "\r");
}

const longestDeclaration = 100;

/** The comments of all tools at which a statement ends. */
const statementEnds = migrationTools.flatMap(({ statementEnd }) => statementEnd ?? []);

/** Whether the comment that begins at `start` ends a statement for the tool that it belongs to. */
export function endsStatement(text: string, start: number): boolean {
  return statementEnds.some((pattern) => {
    pattern.lastIndex = start;
    return pattern.test(text) && (text[start + 2] === ">" || start === 0 || /[\r\n]/.test(text[start - 1] ?? ""));
  });
}
