-- The same question asked well and badly: compare the lines above the queries.

CREATE TABLE measurements (
    city_id INT NOT NULL,
    taken_at TIMESTAMPTZ NOT NULL,
    celsius NUMERIC
) PARTITION BY RANGE (taken_at);

CREATE TABLE measurements_q1 PARTITION OF measurements FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-04-01 00:00+00');
CREATE TABLE measurements_q2 PARTITION OF measurements FOR VALUES FROM ('2024-04-01 00:00+00') TO ('2024-07-01 00:00+00');
CREATE TABLE measurements_q3 PARTITION OF measurements FOR VALUES FROM ('2024-07-01 00:00+00') TO ('2024-10-01 00:00+00');
CREATE TABLE measurements_q4 PARTITION OF measurements FOR VALUES FROM ('2024-10-01 00:00+00') TO ('2025-01-01 00:00+00');

-- Good: the key stands alone and is compared with constants.
SELECT * FROM measurements WHERE taken_at >= '2024-05-01' AND taken_at < '2024-05-02';
SELECT * FROM measurements WHERE taken_at IN ('2024-02-29 12:00+00', '2024-12-24 12:00+00');

-- Bad: a cast or a function around the key hides it, so every partition is read.
SELECT * FROM measurements WHERE taken_at::date = '2024-05-01';
SELECT * FROM measurements WHERE extract(month FROM taken_at) = 5;

-- Bad: OR with a condition on another column lets every row through.
SELECT * FROM measurements WHERE taken_at < '2024-02-01' OR city_id = 7;

-- Late: now() is known when the query starts, not when it is planned.
SELECT * FROM measurements WHERE taken_at >= now() - interval '7 days';

-- Late: the subquery's answer is known only while the query runs.
SELECT * FROM measurements WHERE taken_at = (SELECT max(taken_at) FROM measurements);

-- No partition at all holds such a row.
SELECT * FROM measurements WHERE taken_at < '2020-01-01';

-- A new row goes to one partition; changing the key moves the row to another one.
INSERT INTO measurements VALUES (7, '2024-08-15 09:30+00', 24.5);
UPDATE measurements SET taken_at = '2024-11-01' WHERE taken_at = '2024-08-15 09:30+00';
