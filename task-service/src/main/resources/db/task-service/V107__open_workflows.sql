-- What is open is counted a few times a minute. Made beside the work that goes on.
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_open ON workflow (status) WHERE completed_at IS NULL;
