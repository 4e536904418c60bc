CREATE SCHEMA IF NOT EXISTS cicerone;

CREATE TABLE cicerone.version (version integer NOT NULL);
COMMENT ON TABLE cicerone.version IS 'One row: the version of these tables. The format of journals has a version of its own.';
INSERT INTO cicerone.version VALUES (0);

CREATE TABLE cicerone.runs (
    run     uuid    PRIMARY KEY,
    format  integer NOT NULL,
    task    text    NOT NULL,
    status  text    NOT NULL,
    events  bigint  NOT NULL,
    started bigint  NOT NULL,
    updated bigint  NOT NULL,
    thread  text
);
COMMENT ON TABLE cicerone.runs IS
    'One line for each run: what a list of runs shows. It follows from the run''s events and is written with them.';
COMMENT ON COLUMN cicerone.runs.run IS 'A UUID of version 7: the order of names is the order of creation.';
COMMENT ON COLUMN cicerone.runs.format IS 'The version of the journal''s format.';
COMMENT ON COLUMN cicerone.runs.task IS
    'What was asked for, as a JSON string: a text of PostgreSQL holds every character but NUL.';
COMMENT ON COLUMN cicerone.runs.status IS 'open, completed, needs_input or failed.';
COMMENT ON COLUMN cicerone.runs.events IS 'How many there are. Whoever appends locks this row first.';
COMMENT ON COLUMN cicerone.runs.started IS 'When the first was written, in milliseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN cicerone.runs.updated IS 'When the last was written, likewise.';
COMMENT ON COLUMN cicerone.runs.thread IS 'The conversation that it belongs to, if it belongs to one.';

-- Runs of one status or thread, newest first, without sorting.
CREATE INDEX runs_by_status ON cicerone.runs (status, run);
CREATE INDEX runs_by_thread ON cicerone.runs (thread, run) WHERE thread IS NOT NULL;

CREATE TABLE cicerone.events (
    run      uuid   NOT NULL REFERENCES cicerone.runs ON DELETE CASCADE,
    position bigint NOT NULL,
    time     bigint NOT NULL,
    kind     text   GENERATED ALWAYS AS (substring(body FROM '^\{"event":"(\w+)"')) STORED,
    append   uuid   NOT NULL,
    body     text   NOT NULL,
    PRIMARY KEY (run, position)
);
COMMENT ON TABLE cicerone.events IS
    'The journals. Rows are only ever inserted. The primary key is the last fence against two writers at one position.';
COMMENT ON COLUMN cicerone.events.position IS 'From 0, without gaps.';
COMMENT ON COLUMN cicerone.events.time IS 'When it was written, in milliseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN cicerone.events.kind IS 'What happened, such as tool_returned.';
COMMENT ON COLUMN cicerone.events.append IS
    'The append that wrote it: a writer who lost the connection tells by this whether its append was made.';
COMMENT ON COLUMN cicerone.events.body IS
    'The event as JSON. Not as jsonb, which reorders keys, rounds no number as its writer does and refuses \u0000.';

CREATE TABLE cicerone.texts (
    run      uuid     NOT NULL REFERENCES cicerone.runs ON DELETE CASCADE,
    position bigint   NOT NULL,
    text     text     NOT NULL,
    words    tsvector NOT NULL,
    PRIMARY KEY (run, position)
);
COMMENT ON TABLE cicerone.texts IS
    'What can be found of an event: it follows from the event and is written with it.';
COMMENT ON COLUMN cicerone.texts.position IS 'In the run''s journal.';
COMMENT ON COLUMN cicerone.texts.text IS 'A task, an answer, or a tool''s output in words.';
COMMENT ON COLUMN cicerone.texts.words IS
    'Its words in lower case, as every memory divides a text, not as a parser of PostgreSQL would.';

CREATE INDEX texts_by_word ON cicerone.texts USING gin (words);
