-- The connection an attempt renews; nothing: it makes a new one, as every attempt did before.
ALTER TABLE attempts ADD COLUMN reconnects TEXT;

-- Another account than the stored one, as which the connection answers since it was renewed. `refused`: its
-- owner has said that this is the wrong one.
ALTER TABLE connections ADD COLUMN pending_account_id TEXT;
ALTER TABLE connections ADD COLUMN pending_account_name TEXT;
ALTER TABLE connections ADD COLUMN pending_account_email TEXT;
ALTER TABLE connections ADD COLUMN pending_refused INTEGER NOT NULL DEFAULT 0 CHECK (pending_refused IN (0, 1));

-- 1: it needs a reconnect for a reason that the list at Nango does not know of, so that a list without errors
-- does not mend it.
ALTER TABLE connections ADD COLUMN refusal_stands INTEGER NOT NULL DEFAULT 0 CHECK (refusal_stands IN (0, 1));
