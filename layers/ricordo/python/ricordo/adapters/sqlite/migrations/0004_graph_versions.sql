-- The version the graph shows of a memory it was given through its port, without the truth.

CREATE TABLE graph_versions (
  project_id TEXT NOT NULL,
  memory_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (project_id, memory_id)
) STRICT, WITHOUT ROWID;
