-- One row per execution of a workflow. The workflow need not be one of this database: the command line runs files.
CREATE TABLE runs (
    id          TEXT PRIMARY KEY,
    profile_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    workflow_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL
        CHECK (state IN ('running', 'completed', 'faulted', 'cancelled', 'interrupted')),
    -- The process that runs it, by the name of the lock it holds: a run whose lock nobody holds was interrupted.
    owner       TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    tasks_begun INTEGER NOT NULL DEFAULT 0,
    tasks_ended INTEGER NOT NULL DEFAULT 0,
    -- Why it did not end well, for people and as an error of the DSL, as JSON.
    failure     TEXT,
    error       TEXT,
    -- What its user gave, without members that are named like secrets; what came out, shortened.
    input       TEXT NOT NULL,
    output      TEXT
) STRICT;
CREATE INDEX runs_newest ON runs (profile_id, started_at DESC, id);
CREATE INDEX runs_of ON runs (profile_id, workflow_id, started_at DESC);
CREATE INDEX runs_by_state ON runs (profile_id, state, started_at DESC);

-- One row per execution of a task: a task in a loop has several.
CREATE TABLE run_entries (
    run_id        TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    -- The execution it is inside of.
    parent        INTEGER,
    path          TEXT NOT NULL,
    task          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK
        (state IN ('running', 'completed', 'skipped', 'faulted', 'cancelled', 'interrupted')),
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    attempts      INTEGER NOT NULL,
    connector     TEXT,
    -- As whom it ran: our id of the connection, and Nango's at the time.
    instance_id   TEXT,
    connection_id TEXT,
    summary       TEXT NOT NULL,
    -- 1: what to do next is to reconnect that connection.
    reconnect     INTEGER NOT NULL DEFAULT 0 CHECK (reconnect IN (0, 1)),
    failure       TEXT,
    error         TEXT,
    -- As JSON, shortened, without what looks like a secret.
    input         TEXT,
    output        TEXT,
    PRIMARY KEY (run_id, number)
) STRICT;
CREATE INDEX run_entries_of_task ON run_entries (run_id, path, number);

-- Every request an execution made, retries included, with its response. Bodies are shortened, credentials never
-- kept.
CREATE TABLE run_exchanges (
    id               INTEGER PRIMARY KEY,
    run_id           TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    entry            INTEGER NOT NULL,
    at               INTEGER NOT NULL,
    method           TEXT NOT NULL,
    url              TEXT NOT NULL,
    status           INTEGER,
    took_ms          INTEGER NOT NULL,
    problem          TEXT,
    request_headers  TEXT NOT NULL,
    response_headers TEXT NOT NULL,
    request_body     TEXT,
    response_body    TEXT
) STRICT;
CREATE INDEX run_exchanges_of ON run_exchanges (run_id, entry, id);
