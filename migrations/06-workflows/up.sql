-- One row per workflow of a profile. What the list shows of its document is read from the text at each edit, so
-- that the list never has to.
CREATE TABLE workflows (
    id          TEXT PRIMARY KEY,
    profile_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    -- The version its document stands at. Undo and redo move it; an edit takes the next number that was never
    -- used, so that a number always means the same text.
    version     INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    name        TEXT NOT NULL,
    tasks       INTEGER NOT NULL,
    errors      INTEGER NOT NULL,
    -- Name and connectors in lower case: what a search looks through.
    search_text TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    -- It was put away, and can be brought back.
    deleted_at  INTEGER,
    -- The text as it was saved last; nothing: never. Its version may have been undone and left behind.
    saved_text  TEXT
) STRICT;
CREATE INDEX workflows_newest ON workflows (profile_id, updated_at DESC, id) WHERE deleted_at IS NULL;

-- The texts that undo and redo move between. Far ones go as new ones come.
CREATE TABLE workflow_versions (
    workflow_id TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    -- What made it: `Add task “listIssues”`.
    words       TEXT NOT NULL,
    is_readable INTEGER NOT NULL CHECK (is_readable IN (0, 1)),
    -- The roles and tasks that it calls otherwise than the version before, as JSON: their bindings go along.
    renames     TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    text        TEXT NOT NULL,
    PRIMARY KEY (workflow_id, number)
) STRICT;

-- The connectors' tasks of the document as it stands; of its last readable version, where it cannot be read.
CREATE TABLE workflow_calls (
    workflow_id TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    path        TEXT NOT NULL,
    task        TEXT NOT NULL,
    connector   TEXT NOT NULL,
    role        TEXT NOT NULL,
    PRIMARY KEY (workflow_id, position)
) STRICT;

-- Which connection stands for a role, or for one task in place of its role. The connection may be gone since.
CREATE TABLE workflow_bindings (
    workflow_id TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    slot_kind   TEXT NOT NULL CHECK (slot_kind IN ('role', 'task')),
    slot_name   TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    PRIMARY KEY (workflow_id, slot_kind, slot_name)
) STRICT;
CREATE INDEX workflow_bindings_of ON workflow_bindings (instance_id);

-- As which connection each connector's task runs: its own binding, else its role's.
CREATE VIEW castings AS
    SELECT c.workflow_id, c.position, c.path, c.task, c.connector, c.role,
        coalesce(own.instance_id, shared.instance_id) AS instance_id,
        own.instance_id IS NOT NULL AS is_override
    FROM workflow_calls AS c
    LEFT JOIN workflow_bindings AS own
        ON own.workflow_id = c.workflow_id AND own.slot_kind = 'task' AND own.slot_name = c.task
    LEFT JOIN workflow_bindings AS shared
        ON shared.workflow_id = c.workflow_id AND shared.slot_kind = 'role' AND shared.slot_name = c.role;

-- Replacements of one connection by another that can be undone, and the bindings each has changed.
CREATE TABLE replacements (
    id            INTEGER PRIMARY KEY,
    profile_id    TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    from_instance TEXT NOT NULL,
    to_instance   TEXT NOT NULL,
    at            INTEGER NOT NULL
) STRICT;
CREATE TABLE replacement_changes (
    replacement_id INTEGER NOT NULL REFERENCES replacements (id) ON DELETE CASCADE,
    workflow_id    TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    slot_kind      TEXT NOT NULL,
    slot_name      TEXT NOT NULL,
    PRIMARY KEY (replacement_id, workflow_id, slot_kind, slot_name)
) STRICT;

-- A picker lists one connector's connections by label; with this index it reads no row that it does not show.
CREATE INDEX connections_picked ON connections (profile_id, connector, label COLLATE NOCASE, instance_id,
    search_text, provider);
