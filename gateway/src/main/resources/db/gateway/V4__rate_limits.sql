-- Bucket4j's: what is left of a tenant's calls. The id is the tenant's, with its limits. Written with every call and
-- lost with a crash, after which buckets begin full.
CREATE UNLOGGED TABLE rate_bucket (
  id         varchar(255) PRIMARY KEY,
  state      bytea,
  expires_at bigint
) WITH (fillfactor = 50);
