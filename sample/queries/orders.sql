-- No table is created here: they are those at the end of migrations/, as the status bar says.

SELECT sum(amount) FROM orders WHERE region = 'jp';

-- V3 has taken the year 2024 out of the table: nothing is left of it to read.
SELECT sum(amount) FROM orders WHERE region = 'de' AND ordered_on < '2025-01-01';

SELECT sum(amount) FROM orders WHERE region = 'de' AND ordered_on >= '2025-03-01';

-- What a program puts there is a parameter: the partitions are decided when the query starts.
SELECT sum(amount) FROM orders WHERE region = %s AND ordered_on = ?;
