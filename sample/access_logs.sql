-- One table, a partition per year, and a default partition for the rest.
-- The line above a statement says which partitions it touches; the hover says why not fewer.

CREATE TABLE access_logs (
    id SERIAL,
    log_date DATE NOT NULL,
    message TEXT
) PARTITION BY RANGE (log_date);

CREATE TABLE access_logs_2022 PARTITION OF access_logs
    FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');

CREATE TABLE access_logs_2023 PARTITION OF access_logs
    FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');

CREATE TABLE access_logs_2024 PARTITION OF access_logs
    FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

CREATE TABLE access_logs_default PARTITION OF access_logs DEFAULT;

-- One day is in one partition.
SELECT * FROM access_logs WHERE log_date = '2023-05-01';

-- The upper bound of a partition is exclusive: this is one partition too.
SELECT count(*) FROM access_logs WHERE log_date >= '2024-01-01' AND log_date < '2025-01-01';

-- Deleting a year row by row is slow and leaves bloat behind …
DELETE FROM access_logs WHERE log_date < '2023-01-01';

-- … dropping its partition is instant.
DROP TABLE access_logs_2022;
