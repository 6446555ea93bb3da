-- What ecnutd-view records. Times are seconds since 1970 (UTC); what is not known is
-- NULL and never 0. sqlite3, Grafana and a spreadsheet read it; nothing but
-- ecnutd-view writes it.

-- A row for each change of a UPS, kept 90 days. A row whose status is NULL begins a
-- gap: nothing was heard from then on, and no line belongs across it.
CREATE TABLE IF NOT EXISTS samples (
  at      INTEGER NOT NULL,
  ups     TEXT    NOT NULL,
  status  TEXT,              -- ups.status: OL CHRG
  charge  REAL,              -- battery.charge, percent
  runtime REAL,              -- battery.runtime, seconds
  load    REAL,              -- ups.load, percent
  voltage REAL,              -- battery.voltage, volts
  input   REAL,              -- input.voltage, volts
  output  REAL               -- output.voltage, volts
);
CREATE INDEX IF NOT EXISTS samples_by_ups ON samples (ups, at);

-- Means of ten minutes (span 600), kept three years, and of hours (span 3600), kept
-- for good. seconds is how much of the span something was known.
CREATE TABLE IF NOT EXISTS means (
  at         INTEGER NOT NULL, -- begin of the span
  span       INTEGER NOT NULL,
  ups        TEXT    NOT NULL,
  seconds    INTEGER NOT NULL,
  on_battery INTEGER NOT NULL, -- seconds of it on battery
  charge     REAL,
  lowest     REAL,             -- lowest charge
  runtime    REAL,
  load       REAL,
  voltage    REAL,
  input      REAL,
  output     REAL,
  PRIMARY KEY (ups, span, at)
) WITHOUT ROWID;

-- What happened.
CREATE TABLE IF NOT EXISTS events (
  at   INTEGER NOT NULL,
  ups  TEXT    NOT NULL,       -- '': the host
  name TEXT    NOT NULL,       -- ONBATT
  text TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_time ON events (at);

-- Outages whole, as `ecnutd history N --json` prints them.
CREATE TABLE IF NOT EXISTS outages (
  n     INTEGER PRIMARY KEY,
  ups   TEXT    NOT NULL,
  begin INTEGER NOT NULL,
  story TEXT    NOT NULL       -- JSON
);
