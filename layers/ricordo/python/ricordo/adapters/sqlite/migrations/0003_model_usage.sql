-- What a project's calls to models came to; days are ISO dates, UTC.

CREATE TABLE model_usage (
  project_id TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  model_id TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  PRIMARY KEY (project_id, day, kind, model_id)
) STRICT, WITHOUT ROWID;
