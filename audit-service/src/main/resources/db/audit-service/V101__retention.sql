ALTER TABLE audit_report ADD COLUMN finished_at timestamptz;
CREATE INDEX audit_report_finished ON audit_report (finished_at) WHERE finished_at IS NOT NULL;
