-- Bucket4j's: what is left of a tenant's calls. The id is the tenant's, with its limits.
CREATE TABLE rate_bucket (
  id         varchar(255) PRIMARY KEY,
  state      bytea,
  expires_at bigint
);
CREATE INDEX rate_bucket_expires ON rate_bucket (expires_at);
