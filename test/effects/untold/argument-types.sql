-- PostgreSQL finds no function for arguments that it would have to cast of its own accord: nothing that the function does has happened.
CREATE TABLE m (d date NOT NULL) PARTITION BY RANGE (d);
CREATE FUNCTION month_of(start_date date, end_date date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', 'm_' || to_char(start_date, 'YYYY_MM'), start_date, end_date);
END $$;
CREATE FUNCTION small(n smallint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE s_%s (a int)', n); END $$;
CREATE PROCEDURE named(t text, n int) LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', t); END $$;
-- What it casts is found, and told.
SELECT month_of('2027-01-01', '2027-02-01'::date);
CREATE TABLE m_2027_01 (d date);
SELECT small(5::smallint), small('6');
CREATE TABLE s_5 (a int);
CREATE TABLE s_6 (a int);
CALL named('p_5'::varchar, 1::smallint);
CREATE TABLE p_5 (a int);

SELECT month_of('2024-01-01'::timestamp, '2024-02-01'::timestamp);
CREATE TABLE m_2024_01 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
-- untold
DO $$
DECLARE
  d date := DATE '2025-01-01';
BEGIN
  FOR i IN 0..1 LOOP
    PERFORM month_of(d + (i || ' months')::interval, d + ((i + 1) || ' months')::interval);
  END LOOP;
END $$;
CREATE TABLE m_2025_01 PARTITION OF m FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
-- untold
SELECT month_of(g, g + interval '1 month') FROM generate_series(date '2026-01-01', date '2026-02-01', '1 month') g;
CREATE TABLE m_2026_01 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE FUNCTION numbered(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE i_%s (a int)', n); END $$;
-- untold
SELECT numbered(1::bigint);
CREATE TABLE i_1 (a int);
-- untold
SELECT numbered(2.0);
CREATE TABLE i_2 (a int);
-- untold
SELECT small(1);
CREATE TABLE s_1 (a int);
-- untold
CALL named('p_1', 1::bigint);
CREATE TABLE p_1 (a int);
CREATE FUNCTION called(n text) RETURNS void LANGUAGE sql AS $$ SELECT numbered(length(n) + 10) $$;
CREATE FUNCTION texts(VARIADIC names text[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', names[1]); END $$;
-- untold
SELECT called(5);
-- untold
SELECT texts(6, 7);
CREATE TABLE "6" (a int);
