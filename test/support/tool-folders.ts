// Folders of migration tools, each with the errors that PostgreSQL gives when the tool runs its files.

export interface ToolFolder {
  readonly name: string;
  /** By path: the text. */
  readonly files: Readonly<Record<string, string>>;
  /** By path: the rules of the errors; files that are not named have none. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
}

const visits = "create table visits (site int not null) partition by list (site)";
const one = "create table visits_1 partition of visits for values in (1)";
const two = "create table visits_2 partition of visits for values in (2)";
const overlap = "create table visits_x partition of visits for values in (2, 3)";

export const toolFolders: readonly ToolFolder[] = [
  {
    name: "goose",
    files: {
      "migrations/001_a.sql": `-- +goose Up\n${visits};\n-- +goose Down\ndrop table visits;\n`,
      "migrations/002_b.sql": `-- +goose Up\nlock table visits;\n${one};\n${two};\n-- +goose Down\ndrop table visits_1;\ndrop table visits_2;\n`,
      "migrations/003_c.sql": `-- +goose Up\ncreate table other (id int);\n${overlap};\n${one};\n-- +goose Down\ndrop table other;\n`,
      // What fails is undone, and nothing behind it is run.
      "migrations/004_d.sql": "-- +goose Up\ncreate table other (id int);\n-- +goose Down\ndrop table other;\n",
      "migrations/005_e.sql":
        "-- +goose Up\nalter table visits detach partition visits_1 concurrently;\n-- +goose Down\nselect 1;\n",
    },
    errors: { "migrations/003_c.sql": ["partition-overlap"], "migrations/005_e.sql": ["detach-concurrently-blocked"] },
  },
  {
    name: "dbmate",
    files: {
      "db/migrations/001_a.sql": `-- migrate:up\n${visits}\n\n-- migrate:down\ndrop table visits\n`,
      "db/migrations/002_b.sql": `-- migrate:up\n${one};\n${two}\n-- migrate:down\ndrop table visits_1\n`,
      "db/migrations/003_c.sql": `-- migrate:up transaction:false\n${overlap}\n-- migrate:down\nselect 1\n`,
      // For dbmate that is no marker.
      "db/migrations/004_d.sql": "-- migrate:up\ncreate table other (id int)\n  -- migrate:down\ndrop table other\n",
    },
    errors: { "db/migrations/003_c.sql": ["partition-overlap"], "db/migrations/004_d.sql": ["syntax-error"] },
  },
  {
    name: "Drizzle",
    files: {
      "drizzle/meta/_journal.json": JSON.stringify({
        entries: [{ tag: "0000_a" }, { tag: "0001_b" }, { tag: "0002_c" }],
      }),
      "drizzle/0000_a.sql": `${visits}\n--> statement-breakpoint\n${one}`,
      "drizzle/0001_a_dropped.sql": `${two};`,
      "drizzle/0001_b.sql": `${two};--> statement-breakpoint\nlock table visits;`,
      "drizzle/0002_c.sql": `${overlap};`,
    },
    errors: { "drizzle/0002_c.sql": ["partition-overlap"] },
  },
  {
    name: "Flyway",
    files: {
      "db/migration/V1__a.sql": `${visits};`,
      "db/migration/V2__b.sql": `${one};`,
      "db/migration/B2__base.sql": `${visits};\n${one};`,
      "db/migration/postgresql/V3__c.sql": `${two};`,
      "db/migration/mysql/V3__c.sql": `${overlap};`,
      "db/migration/V4__d.sql": `lock table visits;\n${overlap};`,
      "db/migration/V5__e.sql": "alter table visits detach partition visits_1 concurrently;",
      "db/migration/V5__e.sql.conf": "executeInTransaction=false\n",
      "db/migration/R__r.sql": `${one};`,
    },
    // In V5 the partition becomes a table of its own.
    errors: { "db/migration/V4__d.sql": ["partition-overlap"], "db/migration/R__r.sql": ["name-taken"] },
  },
  {
    name: "Sqitch",
    files: {
      "sqitch.plan":
        "%project=x\n\nvisits 2026-01-01T00:00:00Z a <a@b>\n@v1 2026-01-01T00:00:00Z a <a@b>\nvisits [visits@v1] 2026-01-02T00:00:00Z a <a@b>\n",
      "deploy/visits@v1.sql": `begin;\n${visits};\n${one};\ncommit;`,
      "deploy/visits.sql": `begin;\n${two};\ncommit;\n${overlap};\nselect * from visits;\n${one};`,
      "deploy/abandoned.sql": `${visits};`,
      "revert/visits.sql": "drop table visits_2;",
      "revert/visits@v1.sql": "drop table visits;",
    },
    errors: { "deploy/visits.sql": ["partition-overlap"] },
  },
];
