-- A tenant's workflows that have not ended are counted where it has a limit.
CREATE INDEX submission_open ON submission (tenant_id) WHERE finished_at IS NULL;
