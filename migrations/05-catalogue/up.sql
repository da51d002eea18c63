-- The server's whole catalogue, so that it is searched and shown without a network. What was kept until now were
-- single definitions without what a list needs; they come again with the catalogue.
DROP TABLE providers;
CREATE TABLE providers (
    profile_id   TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    -- What people call it; unlike every other one of the profile and every connector.
    display_name TEXT NOT NULL,
    auth_mode    TEXT NOT NULL,
    -- Nango's categories, one to a line.
    categories   TEXT NOT NULL,
    -- As the server sent it, about 1 kB.
    definition   TEXT NOT NULL,
    PRIMARY KEY (profile_id, name)
) STRICT;
-- The list is read from the index alone, without the definitions.
CREATE INDEX providers_listed ON providers (profile_id, display_name, name, auth_mode, categories);

-- The etag under which the catalogue was read; nothing: it has to be read again.
ALTER TABLE profiles ADD COLUMN catalogue_etag TEXT;
-- Where providers send people back to, as the last dance told; nothing: no dance has begun yet.
ALTER TABLE profiles ADD COLUMN callback_url TEXT;

-- Credentials that the operator has filled in and nobody is asked for, one to a line.
ALTER TABLE integrations ADD COLUMN preconfigured TEXT NOT NULL DEFAULT '';

-- 1: an administrator at the provider has to approve it.
ALTER TABLE connections ADD COLUMN awaits_approval INTEGER NOT NULL DEFAULT 0 CHECK (awaits_approval IN (0, 1));
-- Where its service answers, for a connector whose connections each name a server of their own.
ALTER TABLE connections ADD COLUMN base_url TEXT;
