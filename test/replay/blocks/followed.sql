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
