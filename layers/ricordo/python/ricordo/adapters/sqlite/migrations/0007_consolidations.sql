-- The nightly runs, and which change of a scope was taken in.

CREATE TABLE consolidation_runs (
  run_id TEXT PRIMARY KEY,
  started_us INTEGER NOT NULL,
  ended_us INTEGER,
  error TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE consolidation_reports (
  run_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  report TEXT NOT NULL,
  through_us INTEGER,
  PRIMARY KEY (run_id, project_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consolidation_reports_of_project ON consolidation_reports (project_id, through_us);

CREATE TABLE consolidated_scopes (
  project_id TEXT NOT NULL,
  type TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  holder TEXT NOT NULL,
  until_us INTEGER NOT NULL,
  done_us INTEGER,
  PRIMARY KEY (project_id, type, owner_id)
) STRICT, WITHOUT ROWID;
