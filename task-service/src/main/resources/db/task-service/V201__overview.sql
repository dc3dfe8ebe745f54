-- What is open in a tenant, by age, and what tenants spent on a day. Made beside the work that goes on.
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_open_of_tenant ON workflow (tenant_id, created_at)
  WHERE completed_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenant_usage_of_day ON tenant_usage (day);
