-- Since when a step could be claimed: how long work waits is what is scaled by.
ALTER TABLE step ADD COLUMN ready_at timestamptz;

-- What is open is counted four times a minute.
CREATE INDEX workflow_open ON workflow (status) WHERE completed_at IS NULL;
