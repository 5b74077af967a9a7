/** What `create_parent` refuses of a table and of the arguments of the call, in its order. */

import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import { isShown } from "../../effects/running/shared-objects.ts";
import type { ParentRequest } from "./create-partitions.ts";
import { partitionTypes } from "./part-config.ts";
import { controlType } from "./partition-set.ts";
import { knowsAbsence, raise, type Session, tableOf } from "./session.ts";

const oldWords = ["yearly", "quarterly", "monthly", "weekly", "daily", "hourly", "half-hour", "quarter-hour"];

export function refusePublication(session: Session, name: string): void {
  if (isShown(session.work.catalog, { kind: "publication", name })) return;
  if (!knowsAbsence(session)) session.work.decline(`whether there is a publication ${name} is not known`);
  raise(session, `Given publication name (${name}) does not exist in system catalog. Ensure it is created first.`);
}

export function checkedParent(session: Session, { table, interval, upsert, type }: ParentRequest): Relation {
  const parts = table.split(".").length;
  if (parts < 2) raise(session, "Parent table must be schema qualified");
  if (parts > 2) raise(session, "pg_partman does not support objects with periods in their names");
  if (session.version === 5 && oldWords.includes(interval))
    raise(
      session,
      `Special partition interval values from old pg_partman versions (${interval}) are no longer supported. Please use a supported interval time value from core PostgreSQL (https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-INTERVAL-INPUT)`,
    );
  if (session.version === 4 && upsert !== "" && type === "native")
    raise(
      session,
      "The pg_partman upsert feature is not supported with native partitioning in PG11+. Use the built-in support for INSERT ON CONFLICT with native partitioning instead.",
    );
  return existing(session, table);
}

/** The parent that has to be there. */
export function existing(session: Session, table: string): Relation {
  const parent = tableOf(session, table);
  if (parent !== null && parent.knowledge === "full") return parent;
  if (parent !== null || !knowsAbsence(session)) return session.work.decline(`the table ${table} is not known`);
  return raise(
    session,
    `Unable to find given parent table in system catalogs. Please create parent table first: ${table}`,
  );
}

export function checkedControl(session: Session, parent: Relation, request: ParentRequest): string {
  const { table, control, type, epoch } = request;
  const column = parent.columns.find(({ name }) => name === control);
  if (session.version === 5) {
    if (column === undefined)
      raise(session, `Control column given (${control}) for parent table (${table}) does not exist`);
    if (column?.notNull === false && request.controlNotNull)
      raise(session, `Control column given (${control}) for parent table (${table}) must be set to NOT NULL`);
  } else if (type !== "native" && column?.notNull !== true) {
    raise(
      session,
      `Control column given (${control}) for parent table (${table}) does not exist or must be set to NOT NULL`,
    );
  }
  const { general, exact } = controlType(session, parent, control);
  if (general === null)
    return raise(
      session,
      session.version === 5
        ? `pg_partman only supports partitioning of data types that are integer, numeric, date/timestamp or specially encoded text. Supplied column is of type ${exact ?? "<NULL>"}`
        : `pg_partman only supports partitioning of data types that are integer or date/timestamp. Supplied column is of type ${exact ?? "<NULL>"}`,
    );
  if (epoch !== "none" && general !== "id")
    raise(
      session,
      `p_epoch can only be used with an integer based control column${session.version === 4 ? " and does not work for native partitioning" : ""}`,
    );
  if (!partitionTypes(session.version).includes(type))
    raise(session, `${type} is not a valid partitioning type for pg_partman`);
  return general;
}

export function checkKey(session: Session, parent: Relation, request: ParentRequest, isNative: boolean): void {
  const { control, timeEncoder, timeDecoder } = request;
  const { partitioning } = parent;
  if (!isNative) {
    if (isPartitioned(parent))
      raise(
        session,
        "Given parent table has been set up with native partitioning therefore cannot be used with pg_partman's other partitioning types. Either recreate table non-native or set the type argument to 'native'",
      );
    return;
  }
  const strategy = partitioning?.key.strategy ?? null;
  if (session.version === 4 && strategy !== "range")
    raise(
      session,
      "When using native partitioning, you must have created the given parent table as ranged (not list) partitioned already. Ex: CREATE TABLE ... PARTITION BY RANGE ...)",
    );
  if (strategy !== "range" && strategy !== "list")
    raise(
      session,
      "You must have created the given parent table as ranged or list partitioned already. Ex: CREATE TABLE ... PARTITION BY [RANGE|LIST] ...)",
    );
  const keys = (partitioning?.key.elements ?? []).flatMap(({ column }) => column ?? []);
  // Of several columns, the first that the catalog lists is compared.
  const first = parent.columns.find(({ name }) => keys.includes(name));
  if (first !== undefined && first.name !== control) {
    const given = controlType(session, parent, control).exact ?? "<NULL>";
    const native = session.version === 4 ? "native " : "";
    const own = controlType(session, parent, first.name).exact ?? "<NULL>";
    raise(
      session,
      `Control column and type given in arguments (${control}, ${given}) does not match the control column and type of the given ${native}partition set (${first.name}, ${own})`,
    );
  }
  if (session.version === 4) return;
  const isCoded = ["text", "uuid"].includes(controlType(session, parent, control).general ?? "");
  if (isCoded && (timeEncoder === null || timeDecoder === null))
    raise(session, "p_time_encoder and p_time_decoder needs to be set for text/uuid type control column.");
  if (!isCoded && (timeEncoder !== null || timeDecoder !== null))
    raise(session, "p_time_encoder and p_time_decoder can only be used with text/uuid type control column.");
}
