// The same lens stands above queries in a program: a value that is put in is a parameter.

import type { Pool } from "pg";

/** The turnover of a region in a year. */
export async function turnover(pool: Pool, region: string, year: number): Promise<number> {
  const { rows } = await pool.query(
    `SELECT sum(amount) AS sum FROM orders
      WHERE region = $1 AND ordered_on >= make_date($2, 1, 1) AND ordered_on < make_date($2 + 1, 1, 1)`,
    [region, year],
  );
  return Number(rows[0].sum ?? 0);
}

/** What Japan and Australia have ordered: one partition of all. */
export async function asiaPacific(pool: Pool): Promise<readonly { id: string; amount: string }[]> {
  const { rows } = await pool.query(`SELECT id, amount FROM orders WHERE region IN ('jp', 'au') ORDER BY id`);
  return rows;
}

/** Every partition is read: the function hides the column that tells them apart. */
export async function inMay(pool: Pool): Promise<number> {
  const { rows } = await pool.query(`SELECT count(*) AS count FROM orders WHERE extract(month FROM ordered_on) = 5`);
  return Number(rows[0].count);
}
