-- A long episode is worked on in parts; these say how far an event has come.
ALTER TABLE events ADD COLUMN parts_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN facts_done INTEGER NOT NULL DEFAULT 0;
