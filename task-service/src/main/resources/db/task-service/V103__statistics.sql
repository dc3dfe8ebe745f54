-- What is only ever added to is looked up by key alone: its statistics change nothing, and reading it
-- for them every minute took a tenth of a processor under load.
ALTER TABLE journal SET (
  autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
ALTER TABLE step_definition SET (
  autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
ALTER TABLE step_result SET (
  autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
