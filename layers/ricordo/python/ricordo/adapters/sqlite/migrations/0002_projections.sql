-- What can be rebuilt from the truth: words and graph.

CREATE VIRTUAL TABLE memory_words USING fts5 (
  owners, body, tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO memory_words (memory_words, rank) VALUES ('rank', 'bm25(0.0, 1.0)');
INSERT INTO memory_words (rowid, owners, body)
  SELECT row, owner_terms(project_id, user_id, agent_id, app_id, run_id), bare_utterance(text, speaker)
  FROM memories WHERE state <> 'deleted';

CREATE TABLE mentions (
  project_id TEXT NOT NULL,
  entity_key TEXT NOT NULL,
  memory_id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (project_id, entity_key, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_memory ON mentions (project_id, memory_id);

CREATE TABLE relations (
  project_id TEXT NOT NULL,
  source_key TEXT NOT NULL,
  type TEXT NOT NULL,
  target_key TEXT NOT NULL,
  memory_id TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  valid_from_us INTEGER,
  valid_to_us INTEGER,
  PRIMARY KEY (project_id, source_key, type, target_key, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_by_target ON relations (project_id, target_key);
CREATE INDEX relations_of_memory ON relations (project_id, memory_id);

INSERT OR IGNORE INTO mentions (project_id, entity_key, memory_id, name, type)
  SELECT m.project_id, entity_key(json_extract(e.value, '$.name')), m.memory_id, json_extract(e.value, '$.name'),
         json_extract(e.value, '$.type')
  FROM memories AS m, json_each(m.entities) AS e WHERE m.state <> 'deleted';
INSERT OR IGNORE INTO relations
  (project_id, source_key, type, target_key, memory_id, source, target, valid_from_us, valid_to_us)
  SELECT m.project_id, entity_key(json_extract(r.value, '$.source')), json_extract(r.value, '$.type'),
         entity_key(json_extract(r.value, '$.target')), m.memory_id, json_extract(r.value, '$.source'),
         json_extract(r.value, '$.target'), json_extract(r.value, '$.valid_from_us'),
         json_extract(r.value, '$.valid_to_us')
  FROM memories AS m, json_each(m.relations) AS r WHERE m.state <> 'deleted';
