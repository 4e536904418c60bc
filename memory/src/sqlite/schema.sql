-- One line for each run: what a list of runs shows. It follows from the run's events and is written with them.
CREATE TABLE runs (
    run     TEXT    PRIMARY KEY, -- a UUID of version 7: the order of names is the order of creation
    format  INTEGER NOT NULL,    -- the version of the journal's format
    task    TEXT    NOT NULL,    -- what was asked for
    status  TEXT    NOT NULL,    -- open, completed, needs_input or failed
    events  INTEGER NOT NULL,    -- how many there are
    started INTEGER NOT NULL,    -- when the first was written, in milliseconds since 1970-01-01 UTC
    updated INTEGER NOT NULL,    -- when the last was written, likewise
    thread  TEXT                 -- the conversation that it belongs to, if it belongs to one
) STRICT, WITHOUT ROWID;

-- Runs of one status, newest first, without sorting.
CREATE INDEX runs_by_status ON runs (status, run);

-- The journals. Rows are only ever inserted. The primary key is the last fence against two writers at one position.
CREATE TABLE events (
    run      TEXT    NOT NULL,
    position INTEGER NOT NULL, -- from 0, without gaps
    time     INTEGER NOT NULL, -- when it was written, in milliseconds since 1970-01-01 UTC
    kind     TEXT    AS (json_extract(body, '$.event')) VIRTUAL, -- what happened, such as tool_returned
    body     TEXT    NOT NULL, -- the event as JSON
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
