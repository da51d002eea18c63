-- One row per try to authorize. The secrets of an open attempt are in the keyring; here is only a hash of
-- its `state`, by which a link is recognised.
CREATE TABLE attempts (
    id            TEXT PRIMARY KEY,
    profile_id    TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    instance_id   TEXT NOT NULL,
    connector     TEXT,
    provider      TEXT NOT NULL,
    integration   TEXT NOT NULL,
    label         TEXT NOT NULL,
    method        TEXT NOT NULL CHECK (method IN ('undecided', 'deep_link', 'browser', 'form')),
    state         TEXT NOT NULL CHECK (state IN ('starting', 'awaiting_browser', 'forwarding',
        'awaiting_connection', 'connected', 'refused', 'expired', 'cancelled', 'failed')),
    -- For `connected` the connection id, for `refused` the provider's words, for `failed` the reason as JSON.
    outcome       TEXT,
    state_hash    TEXT UNIQUE,
    started_at    INTEGER NOT NULL,
    deadline_at   INTEGER NOT NULL,
    ended_at      INTEGER,
    -- 1: it has ended, but its secrets or its pending dance at Nango are not yet cleared away.
    cleanup_due   INTEGER NOT NULL DEFAULT 0 CHECK (cleanup_due IN (0, 1))
) STRICT;
CREATE INDEX attempts_newest ON attempts (profile_id, started_at DESC, id);
-- What a start has to look at: few rows among many.
CREATE INDEX attempts_unfinished ON attempts (state)
    WHERE ended_at IS NULL OR cleanup_due = 1;

-- The timeline of an attempt; rows are only ever added.
CREATE TABLE attempt_steps (
    id         INTEGER PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    detail     TEXT
) STRICT;
CREATE INDEX attempt_steps_of ON attempt_steps (attempt_id, id);
