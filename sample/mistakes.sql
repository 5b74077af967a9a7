-- Mistakes worth fixing: put the cursor on an underlined place and press Ctrl+.

CREATE TABLE access_logs (
    id SERIAL,
    log_date DATE NOT NULL,
    message TEXT
) PARTITION BY RANGE (log_date);

CREATE TABLE access_logs_2023 PARTITION OF access_logs
    FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');

-- 1. An overlap: the last day of 2023 has its partition already.
CREATE TABLE access_logs_2024 PARTITION OF access_logs
    FOR VALUES FROM ('2023-12-31') TO ('2025-01-01');

-- 2. A gap: TO is exclusive, so nobody takes the rows of June 30.
CREATE TABLE access_logs_2025_h1 PARTITION OF access_logs
    FOR VALUES FROM ('2025-01-01') TO ('2025-06-30');
CREATE TABLE access_logs_recent PARTITION OF access_logs
    FOR VALUES FROM ('2025-07-01') TO (MAXVALUE);

SELECT * FROM access_logs WHERE log_date = '2023-05-01';

-- 3. A missing remainder: a quarter of all rows has no partition to go to.
CREATE TABLE sessions (id BIGINT NOT NULL, started_at TIMESTAMPTZ) PARTITION BY HASH (id);
CREATE TABLE sessions_0 PARTITION OF sessions FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE sessions_1 PARTITION OF sessions FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE sessions_3 PARTITION OF sessions FOR VALUES WITH (MODULUS 4, REMAINDER 3);
