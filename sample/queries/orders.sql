-- No table is created here: the lenses know them from the end of migrations/. The status bar says so.

SELECT sum(amount) FROM orders WHERE region = 'jp';

SELECT sum(amount) FROM orders WHERE region = 'de' AND ordered_on >= '2025-03-01';

-- What a program puts there is a parameter: the partitions are decided when the query starts.
SELECT sum(amount) FROM orders WHERE region = %s AND ordered_on = ?;
