-- What models cost a tenant, by day in UTC. In shards, so that batches of one tenant need not wait for each other.
CREATE TABLE tenant_usage (
  tenant_id text             NOT NULL,
  day       date             NOT NULL,
  shard     int              NOT NULL,
  tokens    bigint           NOT NULL,
  cost_usd  double precision NOT NULL,
  PRIMARY KEY (tenant_id, day, shard)
);
