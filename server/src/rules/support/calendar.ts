/** The calendar in which the bounds of a key count their days and months. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { PartitionKey } from "../../catalog/partitioning.ts";
import type { SeriesCalendar } from "../../catalog/series.ts";
import { baseType } from "../../catalog/values/types.ts";

/** The session's time zone for a `timestamptz` key, none for the others. */
export function calendarOf(key: PartitionKey, catalog: Catalog): SeriesCalendar {
  const type = key.elements[0]?.type;
  const base = type === null || type === undefined ? null : baseType(type);
  return { zone: base?.kind === "base" && base.name === "timestamptz" ? catalog.settings.timeZone : null };
}
