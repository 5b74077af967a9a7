-- Calls of functions that the script creates, followed to the end.
CREATE TABLE m (k date NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE z (k timestamptz NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE n (k bigint NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE l (k text) PARTITION BY LIST (k);
CREATE TABLE log_tables (id int PRIMARY KEY, name text, since date);
CREATE FUNCTION add_part(d date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', to_char(d, 'YYYYMM'), d, (d + interval '1 month')::date);
END $$;

-- ==== a constant
SELECT add_part('2024-01-01');

-- ==== rows of a series
SELECT add_part(d::date) FROM generate_series('2024-01-01'::date, '2024-03-01', '1 month') AS d;

-- ==== a set among the targets of a common table
WITH months AS (SELECT generate_series('2024-01-01'::date, '2024-03-01'::date, '1month'::interval) AS m)
SELECT add_part(m::date) FROM months;

-- ==== a subquery with a condition
SELECT add_part(s.d) FROM (SELECT (date '2024-01-01' + i * interval '1 month')::date AS d, i FROM generate_series(0, 5) i) AS s WHERE s.i % 2 = 0 ORDER BY s.d DESC;

-- ==== a VALUES list, and a series beside it
SELECT add_part(make_date(y, q, 1)) FROM (VALUES (2023), (2024)) AS years (y), generate_series(1, 12, 3) AS q;

-- ==== a lateral join and a limit
SELECT add_part(x.d) FROM generate_series(1, 12) AS m CROSS JOIN LATERAL (SELECT make_date(2024, m, 1) AS d) AS x ORDER BY m LIMIT 3 OFFSET 1;

-- ==== a recursive common table
WITH RECURSIVE months (d) AS (SELECT date '2024-01-01' UNION ALL SELECT (d + interval '1 month')::date FROM months WHERE d < '2024-04-01')
SELECT add_part(d) FROM months;

-- ==== a union
SELECT add_part(date '2024-01-01') UNION ALL SELECT add_part(date '2024-03-01');

-- ==== an error in one of the calls
SELECT add_part(d::date) FROM generate_series('2024-01-01'::date, '2024-03-01', '2 weeks') AS d;

-- ==== twice in one query
SELECT add_part('2024-01-01'), add_part('2024-02-01');

-- ==== overloads
CREATE FUNCTION add_part(lo date, hi date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', to_char(lo, 'YYYYMMDD'), lo, hi);
END $$;
CREATE FUNCTION add_part(number int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', number, number * 10, (number + 1) * 10);
END $$;
SELECT add_part(date '2024-01-01'), add_part('2024-02-01', '2024-02-15'), add_part(7), add_part(3::smallint);

-- ==== a function replaced, and one in another schema
CREATE SCHEMA other;
CREATE FUNCTION other.add_part(d date) RETURNS void LANGUAGE sql AS 'CREATE TABLE m_other PARTITION OF m DEFAULT';
CREATE OR REPLACE FUNCTION add_part(d date) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE format(''CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)'', ''m_'' || d, d, d + 1); END';
SELECT add_part('2024-01-01'), other.add_part('2024-01-01');

-- ==== a book of what was made
CREATE FUNCTION kept(d date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE child text := 'm_' || to_char(d, 'YYYYMM'); started timestamptz := clock_timestamp(); number int;
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', child, d, (d + interval '1 month')::date);
  INSERT INTO log_tables (id, name, since) SELECT coalesce(max(id), 0) + 1, child, d FROM log_tables ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS number = ROW_COUNT;
  RAISE NOTICE '% rows, % to go, %', number, child, clock_timestamp() - started;
  PERFORM pg_notify('made', child);
  RETURN child;
END $$;
SELECT kept('2024-01-01'), kept('2024-02-01');

-- ==== defaults, named arguments, STRICT
CREATE FUNCTION many(parent text, first date DEFAULT '2024-01-01', count int DEFAULT 2, prefix text DEFAULT 'm') RETURNS int LANGUAGE plpgsql STRICT AS $$
BEGIN
  FOR i IN 0..count - 1 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', prefix || '_' || to_char(first + i, 'MMDD'), parent, first + i, first + i + 1);
  END LOOP;
  RETURN count;
END $$;
SELECT many('m'), many('m', count => 1, first => '2024-06-01'), many(parent := 'm', prefix := 'x', first := '2024-08-01'), many(NULL);

-- ==== functions that call each other
CREATE FUNCTION name_of(d date) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'm_' || to_char(d, 'YYYY_MM') $$;
CREATE FUNCTION next_of(d date) RETURNS date LANGUAGE plpgsql AS $$ BEGIN RETURN (d + interval '1 month')::date; END $$;
CREATE FUNCTION there(name text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN to_regclass(name) IS NOT NULL; END $$;
CREATE FUNCTION ensure(d date) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF there(name_of(d)) THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', name_of(d), d, next_of(d));
  RETURN true;
END $$;
CREATE FUNCTION ensure_all(first date, last date) RETURNS SETOF date LANGUAGE plpgsql AS $$
DECLARE d date := first;
BEGIN
  WHILE d <= last LOOP
    PERFORM ensure(d);
    RETURN NEXT d;
    d := next_of(d);
  END LOOP;
END $$;
SELECT ensure('2024-02-01');
SELECT * FROM ensure_all('2024-01-01', '2024-04-01');

-- ==== RETURNS TABLE and RETURN QUERY
CREATE FUNCTION ranges(y int) RETURNS TABLE (name text, lo date, hi date) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT 'm_' || to_char(d, 'YYYYMM'), d::date, (d + interval '1 month')::date
    FROM generate_series(make_date(y, 1, 1), make_date(y, 3, 1), interval '1 month') AS d;
END $$;
CREATE FUNCTION make(y int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM ranges(y) LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', r.name, r.lo, r.hi);
  END LOOP;
END $$;
SELECT make(2024);

-- ==== OUT parameters
CREATE FUNCTION bounds(d date, OUT lo date, OUT hi date) LANGUAGE plpgsql AS $$
BEGIN lo := date_trunc('month', d)::date; hi := lo + interval '1 month'; END $$;
CREATE FUNCTION make(d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE a date; b date; r record;
BEGIN
  SELECT lo, hi INTO a, b FROM bounds(d);
  EXECUTE format('CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (%L) TO (%L)', a, b);
  SELECT * INTO STRICT r FROM bounds((b + 3)::date);
  EXECUTE format('CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (%L) TO (%L)', r.lo, r.hi);
END $$;
SELECT make(date '2024-01-15');

-- ==== procedures
CREATE PROCEDURE add_days(first date, days int = 2) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 0..days - 1 LOOP
    EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', i, first + i, first + i + 1);
    COMMIT;
  END LOOP;
END $$;
CREATE PROCEDURE add_week(first date) LANGUAGE sql AS $$ CALL add_days(first, 7) $$;
CALL add_days('2024-01-01');

-- ==== a procedure from a DO block
CREATE PROCEDURE add_day(d date) LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', to_char(d, 'DD'), d, d + 1); END $$;
DO $$ BEGIN FOR i IN 0..2 LOOP CALL add_day(date '2024-01-01' + i); END LOOP; PERFORM add_part('2024-02-01'); END $$;

-- ==== SQL functions
CREATE FUNCTION add_first() RETURNS void LANGUAGE sql AS $$
  CREATE TABLE m_first PARTITION OF m FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
  CREATE TABLE m_last PARTITION OF m FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
$$;
CREATE FUNCTION add_year(int) RETURNS void LANGUAGE sql AS $$ SELECT add_part(make_date($1, m, 1)) FROM generate_series(1, 2) AS m $$;
SELECT add_first();
SELECT add_year(2024);

-- ==== settings of a function
CREATE SCHEMA parts;
CREATE FUNCTION in_parts() RETURNS void LANGUAGE plpgsql SET search_path = parts, public AS $$
BEGIN CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01'); END $$;
SELECT in_parts();
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
SELECT 1;

-- ==== the date of the day kept in a variable
CREATE FUNCTION of_today() RETURNS void LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := now(); lo date;
BEGIN
  lo := date_trunc('month', moment)::date;
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', 'm_' || to_char(moment, 'YYYYMM'), lo, lo + interval '1 month');
END $$;
SELECT of_today();

-- ==== VARIADIC
CREATE FUNCTION add_all(VARIADIC names text[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE name text; made int := 0;
BEGIN
  FOREACH name IN ARRAY names LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF l FOR VALUES IN (%L)', 'l_' || name, name);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
SELECT add_all('eu', 'us'), add_all(VARIADIC ARRAY['de']);

-- ==== an error that the function raises
CREATE FUNCTION picky(d date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF d < date '2024-01-01' THEN RAISE EXCEPTION 'too early: %', d USING ERRCODE = '22023'; END IF;
  PERFORM add_part(d);
END $$;
SELECT picky('2023-01-01');

-- ==== an error that a handler takes
CREATE FUNCTION careful(d date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_part(d);
  RETURN 'made';
EXCEPTION WHEN duplicate_table OR invalid_object_definition THEN RETURN SQLERRM;
END $$;
SELECT careful('2024-01-01'), careful('2024-01-01'), careful('2024-01-05');

-- ==== distinct rows
SELECT add_part(d) FROM (SELECT DISTINCT date_trunc('month', g)::date AS d FROM generate_series(date '2024-01-05', '2024-03-20', interval '10 days') AS g) AS months;
