/** The offsets of well-known zones before 1970: the platform's database tells what a server's does. */

import { expect, test } from "vitest";
import { offsetAt, timeZoneOfSetting, undisputedZones } from "../../server/src/catalog/values/time-zone.ts";
import { createDatabase } from "../support/database.ts";

test.each([15, 18] as const)("as PostgreSQL %s has them", async (major) => {
  const database = await createDatabase(major);
  try {
    const zones = [...undisputedZones];
    const { rows } = await database.client.query<{ zone: string; seconds: string; offset: number }>(
      `SELECT zone, extract(epoch FROM at - '2000-01-01 00:00+00')::bigint AS seconds,
              extract(epoch FROM (at AT TIME ZONE zone) - (at AT TIME ZONE 'UTC'))::int AS offset
       FROM unnest($1::text[]) zone, generate_series('1790-01-01 00:00+00'::timestamptz, '1970-01-01', '37 days') at`,
      [zones],
    );
    const wrong = rows.filter(({ zone, seconds, offset }) => {
      const known = timeZoneOfSetting(zone);
      return known === null || offsetAt(known, Number(seconds)) !== offset;
    });
    expect(rows.length).toBeGreaterThan(zones.length * 1000);
    expect([...new Set(wrong.map(({ zone }) => zone))]).toEqual([]);
  } finally {
    await database.close();
  }
});
