-- What $context and the variables of loops and caught errors were when a task began, as one JSON object; nothing where
-- there were none. Expressions are tried on it.
ALTER TABLE run_entries ADD COLUMN variables TEXT;
