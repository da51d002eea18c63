-- One row per connection of a profile. `instance_id` is ours and outlives reconnects; `connection_id` is
-- Nango's, unique within an integration.
CREATE TABLE connections (
    instance_id      TEXT PRIMARY KEY,
    profile_id       TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    connector        TEXT,
    provider         TEXT NOT NULL,
    integration      TEXT NOT NULL,
    connection_id    TEXT NOT NULL,
    label            TEXT NOT NULL,
    account_id       TEXT,
    account_name     TEXT,
    account_email    TEXT,
    -- `disconnecting` is also the queue of disconnects that wait for the network.
    health           TEXT NOT NULL
        CHECK (health IN ('works', 'needs_reconnect', 'unknown', 'gone', 'disconnecting')),
    health_learnt_at INTEGER,
    created_at       INTEGER NOT NULL,
    last_used_at     INTEGER,
    last_error       TEXT,
    -- Label, account and connector in lower case: what a search looks through.
    search_text      TEXT NOT NULL,
    UNIQUE (profile_id, integration, connection_id)
) STRICT;

-- The list is always one profile's, newest first.
CREATE INDEX connections_newest ON connections (profile_id, created_at DESC, instance_id);
CREATE INDEX connections_by_health ON connections (profile_id, health);
CREATE INDEX connections_by_connector ON connections (profile_id, connector);

-- What happened to a connection; rows are only ever added.
CREATE TABLE connection_events (
    id          INTEGER PRIMARY KEY,
    instance_id TEXT NOT NULL REFERENCES connections (instance_id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    detail      TEXT
) STRICT;
CREATE INDEX connection_events_of ON connection_events (instance_id, id);
