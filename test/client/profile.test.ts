/** Connection strings: the password is taken out, whatever the form, and never repeated in a message. */

import { describe, expect, it } from "vitest";
import { dotenvConnections, environmentConnection, serviceConnections } from "../../client/src/connection/discover.ts";
import {
  environmentProfile,
  placeOf,
  profileFromSetting,
  readConnectionString,
} from "../../client/src/connection/profile.ts";

describe("a connection string", () => {
  it.each([
    ["postgres://me:s3cret@db.example:5433/shop?sslmode=require", "me@db.example:5433/shop"],
    ["postgresql://me:s3cret@db.example/shop", "me@db.example/shop"],
    ["postgres://me@db.example/shop?password=s3cret", "me@db.example/shop"],
    ["postgres://me:s3cret@one.example,two.example/shop", "me@one.example,two.example/shop"],
    ["postgres://me:s3cret@[::1]:5433/shop", "me@[::1]:5433/shop"],
    ["host='/var/run/my socket' dbname=shop password=s3cret", "/var/run/my socket/shop"],
    ["postgres:///shop?host=/run/postgresql&user=me&password=s3cret", "/run/postgresql/shop"],
    ["host=db.example dbname=shop user=me password=s3cret", "me@db.example/shop"],
    ["host = db.example dbname='shop' user=me password='s3cret'", "me@db.example/shop"],
  ])("%s is named and loses its password", (text, name) => {
    const read = readConnectionString(text);
    if (!read.ok) throw new Error(read.message);
    expect(read.profile.name).toBe(name);
    expect(read.password).toBe("s3cret");
    expect(JSON.stringify(read.profile)).not.toContain("s3cret");
  });

  it("keeps everything but the password", () => {
    const uri = readConnectionString("postgres://me:p%40ss@h:5433/shop?sslmode=require&application_name=x");
    expect(uri).toMatchObject({
      ok: true,
      password: "p@ss",
      profile: { connectionString: "postgres://me@h:5433/shop?sslmode=require&application_name=x" },
    });
    const words = readConnectionString("host=h dbname='my shop' password=x sslmode=require");
    expect(words).toMatchObject({
      ok: true,
      profile: { connectionString: "host=h dbname='my shop' sslmode=require" },
    });
  });

  it("has no password where none is written", () => {
    expect(readConnectionString("postgres://me@localhost/shop")).toMatchObject({ ok: true, password: null });
    expect(readConnectionString("service=prod")).toMatchObject({ ok: true, profile: { name: "service prod" } });
  });

  it.each([
    "",
    "   ",
    "localhost",
    "postgres://me:s3cret@[bad/shop",
    "host=h, password=s3cret =",
    // What a password with a `/`, `#` or `?` leaves of a URI, and one that was typed into another field.
    "postgres://me:12/s3cret@h/shop",
    "postgres://me:12#s3cret@h/shop",
    "postgres://me:12?s3cret@h/shop",
    "postgres:///shop?host=s3cret!",
    "host='s3cret!' dbname=shop",
    "host=h dbname=postgres://me:s3cret@h/shop",
  ])("%s is refused with a sentence that says what to type, and no secret", (text) => {
    const read = readConnectionString(text);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.message).toMatch(/postgres:\/\//);
    expect(read.message).not.toContain("s3cret");
  });
});

describe("a connection of the settings", () => {
  it("becomes libpq's words, without a password that should not be there", () => {
    const profile = profileFromSetting({ name: "prod", host: "h", port: 5433, dbname: "a b", password: "s3cret" });
    expect(profile).toEqual({ name: "prod", connectionString: "host=h port=5433 dbname='a b'" });
  });

  it.each([null, "prod", 1, {}, { host: "h" }])("%j is none", (raw) => {
    expect(profileFromSetting(raw)).toBeNull();
  });
});

describe("the environment", () => {
  it("is offered when it names a server or database, and shows what it rests on", () => {
    expect(environmentConnection({ PGHOST: "h", PGDATABASE: "shop", PGPASSWORD: "s3cret" })).toEqual({
      profile: { name: "PG* environment", connectionString: null },
      description: "PGHOST=h PGDATABASE=shop",
    });
    expect(environmentConnection({ PGPASSWORD: "s3cret", PATH: "/bin" })).toBeNull();
  });
});

describe("a file", () => {
  it(".env offers the URIs of its variables, names where they stand, and keeps the password out of what is shown", () => {
    const text = [
      "# DATABASE_URL=postgres://never@h/x",
      "DATABASE_URL=postgres://me:s3cret@db.example:5433/shop?schema=public&sslmode=require # Prisma's",
      'export READ_URL="postgresql://me@db.example/shop"\r',
      "OTHER_URL='postgres://me:a$b@db.example/other'",
      "MADE_URL=postgres://$USER@db.example/shop",
      "ASYNC_URL=postgresql+asyncpg://me@db.example/shop",
      "CACHE_URL=redis://localhost",
      "BROKEN_URL=postgres://me:1/2@h/shop",
      'QUOTES="postgres://me@h/never',
    ].join("\n");
    const found = dotenvConnections(text, ".env");
    expect(found.map(({ profile, description, password }) => [profile.name, description, password])).toEqual([
      ["me@db.example:5433/shop", "DATABASE_URL in .env", "s3cret"],
      ["me@db.example/shop", "READ_URL in .env", null],
      ["me@db.example/other", "OTHER_URL in .env", "a$b"],
    ]);
    expect(found[0]?.profile.connectionString).toBe("postgres://me@db.example:5433/shop?sslmode=require");
    expect(JSON.stringify(found.map(({ profile, description }) => [profile, description]))).not.toContain("s3cret");
  });

  it.each([
    'URL="postgres://u:12?34@h/db"',
    "URL=postgres://u:123#x@h/db",
    "URL='postgres://u:12#34@h/db'",
    "URL=postgres://u:1?a=2@h/db?sslmode=require",
  ])("%s, whose password ends the host, is not offered", (line) => {
    expect(dotenvConnections(line, ".env")).toEqual([]);
  });

  it("of libpq's services offers each by its name, which the server looks up", () => {
    const found = serviceConnections(
      "# all\n[shop]\nhost=h\npassword=s3cret\n\n[re ports]\r\n[shop]\n",
      ".pg_service.conf",
    );
    expect(found.map(({ profile, description }) => [profile, description])).toEqual([
      [{ name: "service shop", connectionString: "service='shop'" }, ".pg_service.conf"],
      [{ name: "service re ports", connectionString: "service='re ports'" }, ".pg_service.conf"],
    ]);
    for (const { profile } of found)
      expect(readConnectionString(profile.connectionString ?? "")).toMatchObject({ ok: true });
  });

  it("gives so many at most, and nothing where it is no such file", () => {
    const many = Array.from({ length: 200 }, (_, index) => index);
    expect(dotenvConnections(many.map((each) => `U${each}=postgres://h/d${each}`).join("\n"), ".env")).toHaveLength(50);
    expect(serviceConnections(many.map((each) => `[s${each}]`).join("\n"), "f")).toHaveLength(50);
    expect(dotenvConnections(`U=postgres://h/d\n${" ".repeat(70_000)}`, ".env")).toEqual([]);
    expect(serviceConnections(`[s]\n${" ".repeat(70_000)}`, "f")).toEqual([]);
  });
});

describe("the place of a connection", () => {
  it.each([
    [{ name: "prod", host: "db.example", dbname: "shop", user: "me" }, "me@db.example/shop"],
    [{ name: "prod", host: "db.example", port: 5433, dbname: "shop", user: "me" }, "me@db.example:5433/shop"],
    [{ name: "prod", service: "shop" }, "service shop"],
    [{ name: "prod", uri: "postgres://me@db.example/shop" }, "me@db.example/shop"],
  ])("%j is told beside its name", (setting, place) => {
    const profile = profileFromSetting(setting);
    expect(profile === null ? null : placeOf(profile)).toBe(place);
  });

  it("is not known of the environment's", () => {
    expect(placeOf(environmentProfile)).toBeNull();
  });
});
