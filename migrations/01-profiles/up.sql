-- One row per Nango server and end user on this machine. The API key is in the keyring under the row's id.
-- All times are milliseconds since 1970, UTC.
CREATE TABLE profiles (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('nango', 'sandbox')),
    server_url     TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    user_name      TEXT,
    bridge_url     TEXT,
    enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    -- What the last check of the key found, as JSON; nothing: never checked.
    checked        TEXT,
    -- Where the server's websocket is; learnt from the first session, and asked again when that fails.
    websockets_path TEXT,
    -- The catalogue's ETag and when the server last told what it offers.
    offers_learnt_at INTEGER,
    last_synced_at INTEGER,
    created_at     INTEGER NOT NULL
) STRICT;

-- What belongs to the machine rather than to a profile: the active profile, the appearance.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The operator's integrations, as the server last told them.
CREATE TABLE integrations (
    profile_id   TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    key          TEXT NOT NULL,
    provider     TEXT NOT NULL,
    display_name TEXT NOT NULL,
    PRIMARY KEY (profile_id, key)
) STRICT;

-- Providers' own definitions, from which forms are made; kept so that a form can be shown offline.
CREATE TABLE providers (
    profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (profile_id, name)
) STRICT;
