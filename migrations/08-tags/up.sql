-- What the operator has tagged a connection with at Nango, as a JSON object of texts. Patchbay's own tags are
-- not kept: they say nothing to a person.
ALTER TABLE connections ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';

-- Counting by connector and health reads this index alone.
DROP INDEX connections_by_connector;
CREATE INDEX connections_counted
    ON connections (profile_id, connector, health, pending_account_id, pending_refused);
