-- Finds memories that lack a vector of the model in use without looking at the others.

CREATE INDEX memories_by_model ON memories (project_id, embedding_model) WHERE hidden = 0 AND state <> 'deleted';
