-- Runs of one thread, newest first, without sorting.
CREATE INDEX runs_by_thread ON runs (thread, run) WHERE thread IS NOT NULL;

-- What can be found of an event: it follows from the event and is written with it.
CREATE TABLE texts (
    id       INTEGER PRIMARY KEY,
    run      TEXT    NOT NULL,
    position INTEGER NOT NULL, -- in the run's journal
    text     TEXT    NOT NULL  -- a task, an answer, or a tool's output in words
) STRICT;

CREATE INDEX texts_by_run ON texts (run);

-- The words of the texts.
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
