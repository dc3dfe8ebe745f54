-- Since when a step could be claimed: how long work waits is what is scaled by. Whoever holds the table for long does not
-- make everybody wait behind this: it fails, and is tried again.
SET LOCAL lock_timeout = '5s';
ALTER TABLE step ADD COLUMN ready_at timestamptz;
