-- The truth. Times are microseconds since 1970, UTC.

CREATE TABLE projects (
  project_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  retention_days INTEGER NOT NULL,
  shows_superseded INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
  key_id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  revoked_us INTEGER
) STRICT;

CREATE TABLE owners (
  project_id TEXT NOT NULL,
  type TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (project_id, type, owner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX owners_by_change ON owners (project_id, updated_us);

-- `place` orders acceptance: a cut hides every add accepted before it.
CREATE TABLE events (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  user_id TEXT, agent_id TEXT, app_id TEXT, run_id TEXT,
  request TEXT NOT NULL,
  results TEXT NOT NULL,
  notes TEXT NOT NULL,
  facts TEXT,
  error TEXT,
  attempts INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  started_us INTEGER,
  completed_us INTEGER,
  epoch INTEGER NOT NULL,
  due_us INTEGER NOT NULL,
  UNIQUE (project_id, event_id)
) STRICT;
CREATE INDEX events_due ON events (due_us) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX events_to_end ON events (event_id) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX events_by_time ON events (project_id, created_us);

CREATE TABLE episodes (
  project_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  messages TEXT NOT NULL,
  options TEXT NOT NULL,
  said_us INTEGER NOT NULL,
  PRIMARY KEY (project_id, event_id)
) STRICT;

CREATE TABLE memories (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id TEXT NOT NULL,
  memory_id TEXT NOT NULL,
  user_id TEXT, agent_id TEXT, app_id TEXT, run_id TEXT,
  text_digest BLOB NOT NULL,  -- of project, scope and text
  text TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  hidden INTEGER NOT NULL DEFAULT 0,
  kind TEXT NOT NULL,
  metadata TEXT NOT NULL,
  categories TEXT NOT NULL,
  attributed_to TEXT,
  speaker TEXT,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  accepted_us INTEGER NOT NULL,
  expiration TEXT,
  expiration_start_us INTEGER,
  expiration_end_us INTEGER,
  valid_from_us INTEGER,
  valid_to_us INTEGER,
  replaced_by TEXT,
  immutable INTEGER NOT NULL,
  entities TEXT NOT NULL,
  relations TEXT NOT NULL,
  thread TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  message_index INTEGER NOT NULL,
  embedding_model TEXT,
  embedding BLOB,             -- float16, little endian
  change INTEGER NOT NULL,    -- the commit that touched the row last; caches ask for what is newer
  UNIQUE (project_id, memory_id)
) STRICT;
CREATE INDEX memories_of_text ON memories (text_digest);  -- not unique: a text is free again once expired
CREATE INDEX memories_of_project ON memories (project_id, change);
CREATE INDEX memories_in_order ON memories (project_id, accepted_us);
CREATE INDEX memories_of_user ON memories (project_id, user_id, change) WHERE user_id IS NOT NULL;
CREATE INDEX memories_of_agent ON memories (project_id, agent_id, change) WHERE agent_id IS NOT NULL;
CREATE INDEX memories_of_app ON memories (project_id, app_id, change) WHERE app_id IS NOT NULL;
CREATE INDEX memories_of_run ON memories (project_id, run_id, change) WHERE run_id IS NOT NULL;
CREATE INDEX memories_of_event ON memories (project_id, event_id);
CREATE INDEX memories_in_thread ON memories (project_id, thread, sequence);
CREATE INDEX memories_hidden ON memories (project_id, row) WHERE hidden = 1 AND state <> 'deleted';
CREATE INDEX memories_ended ON memories (project_id, updated_us) WHERE state = 'deleted';
CREATE INDEX memories_expiring ON memories (project_id, expiration_end_us) WHERE expiration_end_us IS NOT NULL;

-- `change` numbers the commits that touch memories; `purge` is the number of the last one that removed rows, after
-- which caches of rows start afresh.
CREATE TABLE counters (
  change INTEGER NOT NULL,
  purge INTEGER NOT NULL
) STRICT;
INSERT INTO counters VALUES (0, 0);

CREATE TABLE memory_metadata (
  row INTEGER NOT NULL,
  key TEXT NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY (row, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_categories (
  row INTEGER NOT NULL,
  category TEXT NOT NULL,
  PRIMARY KEY (row, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_versions (
  project_id TEXT NOT NULL,
  memory_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  change_type TEXT NOT NULL,
  old_text TEXT,
  new_text TEXT,
  user_id TEXT, agent_id TEXT, app_id TEXT, run_id TEXT,
  metadata TEXT NOT NULL,
  categories TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  PRIMARY KEY (project_id, memory_id, version)
) STRICT, WITHOUT ROWID;

-- What was hidden by owner: an add accepted up to `place` is not stored any more. NULL: any or no owner, '*': any.
CREATE TABLE cuts (
  project_id TEXT NOT NULL,
  user_id TEXT, agent_id TEXT, app_id TEXT, run_id TEXT,
  place INTEGER NOT NULL
) STRICT;
CREATE INDEX cuts_of_project ON cuts (project_id, place);

CREATE TABLE idempotency (
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  until_us INTEGER NOT NULL,
  answer TEXT,
  PRIMARY KEY (project_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_end ON idempotency (until_us);
