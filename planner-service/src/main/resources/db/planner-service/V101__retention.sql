ALTER TABLE submission ADD COLUMN finished_at timestamptz;
CREATE INDEX submission_finished ON submission (finished_at) WHERE finished_at IS NOT NULL;
