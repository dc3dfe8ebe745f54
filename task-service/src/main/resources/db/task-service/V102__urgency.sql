-- In one direction, so that a claim can begin at a place in it: what comes before was handed out, and
-- stays in the index for as long as somebody's old snapshot sees it.
DROP INDEX step_claimable;
CREATE INDEX step_claimable ON step (tenant_id, capability, (-priority), position)
  WHERE status = 'READY' AND blocked IS NULL;
