-- DO blocks that the replay follows to the end.
CREATE TABLE m (k date NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE z (k timestamptz NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE n (k bigint NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE l (k text) PARTITION BY LIST (k);
CREATE TABLE h (k int) PARTITION BY HASH (k);

-- ==== this month and the next ones, by the clock
DO $$
DECLARE first date := date_trunc('month', now())::date;
BEGIN
  FOR i IN 0..11 LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)',
      to_char(first + (i || ' month')::interval, 'YYYY_MM'),
      first + (i || ' month')::interval, first + ((i + 1) || ' month')::interval);
  END LOOP;
END $$;

-- ==== days from today on
DO $$
DECLARE d date := current_date;
BEGIN
  WHILE d < current_date + 3 LOOP
    EXECUTE 'CREATE TABLE m_' || to_char(d, 'YYYYMMDD') || ' PARTITION OF m FOR VALUES FROM (' || quote_literal(d) || ') TO (' || quote_literal(d + 1) || ')';
    d := d + 1;
  END LOOP;
END $$;

-- ==== a name by the clock
DO $$ BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m DEFAULT', 'm_' || to_char(now(), 'IYYY_IW') || to_char(CURRENT_TIMESTAMP, '_YYYY"Q"Q'));
END $$;

-- ==== a zone with another day than UTC's
SET TimeZone = 'Pacific/Kiritimati';
DO $$ BEGIN
  EXECUTE format('CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM (%L) TO (%L)', timestamptz '2024-01-01', timestamptz '2024-02-01 00:00');
END $$;

-- ==== a series of months
DO $$
DECLARE d date;
BEGIN
  FOR d IN SELECT generate_series('2024-01-01'::date, '2024-04-01', interval '1 month') LOOP
    EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', to_char(d, 'YYYYMM'), d, (d + interval '1 month')::date);
  END LOOP;
END $$;

-- ==== rows with several columns
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT d::date AS lo, (d + interval '1 year')::date AS hi FROM generate_series(date '2022-01-01', date '2024-01-01', '1 year') AS d LOOP
    EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', extract(year from r.lo), r.lo, r.hi);
  END LOOP;
END $$;

-- ==== make_interval and multiples
DO $$ BEGIN
  FOR i IN 0..3 LOOP
    EXECUTE format('CREATE TABLE m_q%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', i + 1,
      (date '2024-01-01' + i * interval '3 months')::date, (date '2024-01-01' + make_interval(months => 3 * (i + 1)))::date);
  END LOOP;
END $$;

-- ==== numbers, backwards, by a step
DO $$ BEGIN
  FOR i IN REVERSE 9..0 BY 3 LOOP
    EXECUTE 'CREATE TABLE n_' || lpad(i::text, 3, '0') || ' PARTITION OF n FOR VALUES FROM (' || i * 1000000 || ') TO (' || (i + 1) * 1000000 || ')';
  END LOOP;
END $$;

-- ==== all remainders
DO $do$
DECLARE modulus CONSTANT int := 8;
BEGIN
  FOR i IN 0..modulus - 1 LOOP
    EXECUTE format('CREATE TABLE h_%1$s PARTITION OF h FOR VALUES WITH (MODULUS %2$s, REMAINDER %1$s)', i, modulus);
  END LOOP;
END $do$;

-- ==== the elements of an array
DO $$
DECLARE region text; regions text[] := ARRAY['eu', 'us', 'O''Neil'];
BEGIN
  FOREACH region IN ARRAY regions LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF l FOR VALUES IN (%L)', 'l_' || lower(region), region);
  END LOOP;
END $$;

-- ==== elements, rows and records of constants
DO $$
DECLARE r record; part text; lo date; hi date;
BEGIN
  FOR part IN SELECT unnest(ARRAY['eu', 'us']) LOOP
    EXECUTE format('CREATE TABLE l_%s PARTITION OF l FOR VALUES IN (%L, upper(%L))', part, part, part);
  END LOOP;
  FOR r IN SELECT * FROM (VALUES (1, 'x'), (5, 'y'), (9, 'z')) AS t (id, name) WHERE id <> 5 LOOP
    EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', r.name, r.id, r.id + 1);
  END LOOP;
  FOR r IN VALUES ('a'), ('b') LOOP
    EXECUTE format('CREATE TABLE l_%s PARTITION OF l FOR VALUES IN (%L)', r.column1, r.column1);
  END LOOP;
  FOR lo, hi IN SELECT s, s + interval '1 month' FROM generate_series(date '2024-01-01', '2024-02-01', '1 month') s LOOP
    EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', to_char(lo, 'MM'), lo, hi);
  END LOOP;
END $$;

-- ==== conditions, EXIT and CONTINUE
DO $$
DECLARE i int := 0;
BEGIN
  LOOP
    i := i + 1;
    EXIT WHEN i > 6;
    CONTINUE WHEN i % 2 = 0;
    IF i = 1 THEN
      CREATE TABLE n_first PARTITION OF n FOR VALUES FROM (MINVALUE) TO (10);
    ELSIF i = 3 THEN
      EXECUTE 'CREATE TABLE n_' || i || ' PARTITION OF n FOR VALUES FROM (' || 10 * i || ') TO (' || 10 * i + 10 || ')';
    ELSE
      PERFORM 1;
    END IF;
  END LOOP;
END $$;

-- ==== a table where there is none yet
DO $$ BEGIN
  IF to_regclass('n_1') IS NULL THEN
    CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (1) TO (2);
  END IF;
  IF to_regclass('public.n_1') IS NULL OR to_regclass('n') IS NULL THEN
    CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM (2) TO (3);
  END IF;
  FOR i IN 1..3 LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.relname = 'n_' || i AND s.nspname = 'public') THEN
      EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i, i + 1);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'n_3') THEN
    DROP TABLE n;
  END IF;
  IF EXISTS (SELECT * FROM information_schema.tables WHERE table_schema = 'public' AND table_name IN ('n_2')) THEN
    ALTER TABLE n DETACH PARTITION n_2;
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'n_2' AND relkind IN ('v', 'i') AND relnamespace = 'public'::regnamespace) THEN
    DROP TABLE n;
  END IF;
END $$;

-- ==== an error that is caught
DO $$ BEGIN
  CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (0) TO (10);
  BEGIN
    CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM (5) TO (15);
  EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'there already: %', SQLERRM;
  END;
END $$;

-- ==== an error that is not
DO $$ BEGIN
  FOR i IN 1..2 LOOP
    EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i, i + 5);
  END LOOP;
END $$;

-- ==== to_date of parts without leading zeros
DO $$
DECLARE d date; nm text;
BEGIN
  FOR y IN 2026..2026 LOOP
    FOR m IN 7..12 LOOP
      d := to_date(y || '-' || m || '-01', 'YYYY-MM-DD');
      nm := 'm_' || y || lpad(m::text, 2, '0');
      EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', nm, d, d + interval '1 month');
    END LOOP;
  END LOOP;
END $$;

-- ==== SELECT INTO, EXECUTE INTO, EXECUTE USING
DO $$
DECLARE lo date; hi date; r record; n int;
BEGIN
  SELECT date '2024-01-01', date '2024-02-01' INTO lo, hi;
  EXECUTE 'SELECT $1 + 1 AS a, $2 AS b' INTO r USING 4, 'x';
  EXECUTE format('CREATE TABLE m_%s%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)', r.a, r.b, lo, hi);
  SELECT count(*) INTO n FROM generate_series(1, 7);
  EXECUTE 'CREATE TABLE n_' || n || ' PARTITION OF n FOR VALUES FROM (' || n || ') TO (' || n + 1 || ')';
END $$;

-- ==== CASE as statement and as expression
DO $$
DECLARE kind text;
BEGIN
  FOR i IN 1..4 LOOP
    CASE i WHEN 1, 2 THEN kind := 'low'; WHEN 3 THEN kind := 'mid'; ELSE kind := CASE WHEN i > 3 THEN 'high' ELSE 'none' END; END CASE;
    CASE WHEN kind = 'mid' THEN CONTINUE; ELSE NULL; END CASE;
    EXECUTE format('CREATE TABLE n_%s_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, kind, i, i + 1);
  END LOOP;
END $$;

-- ==== labels
DO $$ BEGIN
  <<years>>
  FOR y IN 2020..2024 LOOP
    FOR q IN 1..4 LOOP
      CONTINUE years WHEN q > 1 AND y < 2023;
      EXIT years WHEN y = 2024;
      EXECUTE format('CREATE TABLE n_%s%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', y, q, y * 10 + q, y * 10 + q + 1);
    END LOOP;
  END LOOP years;
END $$;

-- ==== DDL that an aggregate puts together
DO $$ BEGIN
  EXECUTE (SELECT string_agg(format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10), '; ' ORDER BY i DESC) FROM generate_series(0, 3) AS i);
END $$;

-- ==== all that format knows
DO $$
DECLARE name text := 'Odd "name"';
BEGIN
  EXECUTE format('CREATE TABLE %2$I PARTITION OF l FOR VALUES IN (%1$L, %3$L, %s) -- %%|%-5s|%5s|', E'O\'x\\y', name, NULL, quote_literal('z'), 'a', 'b');
  EXECUTE 'CREATE TABLE ' || quote_ident('l ' || 1) || ' PARTITION OF l FOR VALUES IN (' || quote_nullable('q') || ')';
END $$;

-- ==== rows that EXECUTE gives
DO $$
DECLARE r record;
BEGIN
  FOR r IN EXECUTE 'SELECT g AS i, g * $1 AS lo FROM generate_series(1, 2) AS g' USING 100 LOOP
    EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', r.i, r.lo, r.lo + 100);
  END LOOP;
END $$;

-- ==== types of columns and of variables
DO $$
DECLARE d m.k%TYPE := '2024-01-01'; e d%TYPE := d + 31; r m%ROWTYPE; names text[] := '{}'; name text;
BEGIN
  names := names || 'm_a'::text;
  names := array_append(names, 'm_b');
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', names[1], d, e);
  EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', names[array_length(names, 1)], e, e + 1);
END $$;

-- ==== parts of a text
DO $$
DECLARE part text; pair text;
BEGIN
  FOREACH part IN ARRAY string_to_array('eu,us', ',') LOOP
    EXECUTE format('CREATE TABLE l_%s PARTITION OF l FOR VALUES IN (%L)', part, part);
  END LOOP;
  FOR part IN SELECT regexp_split_to_table('de fr', ' ') LOOP
    EXECUTE format('CREATE TABLE l_%s PARTITION OF l FOR VALUES IN (%L)', part, part);
  END LOOP;
  FOREACH pair IN ARRAY ARRAY['a:1', 'b:2'] LOOP
    EXECUTE format('CREATE TABLE l_%s PARTITION OF l FOR VALUES IN (%L)', split_part(pair, ':', 1), split_part(pair, ':', 2));
  END LOOP;
END $$;

-- ==== what is not known and decides nothing
DO $$
DECLARE started timestamptz := clock_timestamp(); number int;
BEGIN
  SELECT count(*) INTO number FROM m;
  CREATE TABLE m_1 PARTITION OF m DEFAULT;
  GET DIAGNOSTICS number = ROW_COUNT;
  RAISE NOTICE 'done in % with %', clock_timestamp() - started, number;
END $$;

-- ==== an assertion, an alias, nested blocks
DO $$
<<outermost>>
DECLARE n int := 1;
BEGIN
  ASSERT n = 1, 'one';
  DECLARE n int := 5;
  BEGIN
    EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', n, n, n + 1);
  END;
  EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', n, n, n + 1);
END $$;

-- ==== more templates of to_char
DO $$ BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m DEFAULT', to_char(date '2024-03-05', 'YYYY_FMMM_FMDD DDD Mon MON mon D ID Day WW W CC J'));
  EXECUTE format('CREATE TABLE %I PARTITION OF l DEFAULT', to_char(timestamp '2024-03-05 14:05:09', 'Month FMMonth HH12:MI:SS AM am Dy IYYY-IW US MS FMHH24') || to_char(42, '9990') || to_char(7, 'FM09') || to_char(12345, 'FM999,999') || to_char(-3, '099'));
END $$;

-- ==== an error that is not, with a handler for others
DO $$ BEGIN
  CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (0) TO (10);
  BEGIN
    CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM (5) TO (15);
  EXCEPTION WHEN unique_violation THEN NULL;
  END;
END $$;

-- ==== a series of texts with a collation
DO $$ DECLARE d text; BEGIN
  FOR d IN SELECT generate_series(1, 3)::text COLLATE "C" LOOP CREATE TABLE m_1 PARTITION OF m DEFAULT; END LOOP;
END $$;

-- ==== what depends on a table is asked of the catalogs, and refused
DO $$ DECLARE found text; BEGIN
  SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO found
  FROM pg_class AS c JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype = 'n'
  WHERE c.oid = 'm'::regclass;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION '% depend on m', found USING HINT = 'drop them first';
  END IF;
END $$;

-- ==== a check by EXISTS, one by FOUND, an assertion and a loop over the catalogs
DO $$ DECLARE r record; n int; name text := 'm'; BEGIN
  IF EXISTS (WITH own AS (SELECT oid FROM pg_class WHERE relname = name) SELECT FROM pg_trigger JOIN own ON tgrelid = own.oid) THEN
    RAISE EXCEPTION 'triggers';
  ELSIF (SELECT count(*) FROM information_schema.columns WHERE table_name = 'm') <> 1 THEN
    RAISE NOTICE 'columns';
    RAISE EXCEPTION 'columns' USING ERRCODE = '55000';
  END IF;
  PERFORM FROM pg_policy WHERE polrelid = 'm'::regclass;
  IF FOUND THEN RAISE EXCEPTION 'policies'; END IF;
  ASSERT (SELECT count(*) FROM pg_rewrite WHERE ev_class = 'm'::regclass) = 0;
  FOR r IN SELECT conname FROM pg_constraint WHERE confrelid = 'm'::regclass LOOP
    RAISE EXCEPTION 'the constraint %', r.conname;
  END LOOP;
  n := (SELECT count(*) FROM pg_inherits WHERE inhparent = 'm'::regclass);
  IF n > 5 THEN n := 5; RAISE NOTICE 'many'; ELSE n := n + 1; END IF;
  IF n > 1 THEN RAISE EXCEPTION '% partitions', n; END IF;
END $$;
