CREATE TABLE trail_entry (
  tenant_id   text        NOT NULL,
  seq         bigint      NOT NULL,
  entry_id    text        NOT NULL,
  at          timestamptz NOT NULL,
  actor       text,
  roles       text[]      NOT NULL,
  action      text        NOT NULL,
  object      text,
  status      int         NOT NULL,
  count       int         NOT NULL,
  origin      text        NOT NULL,
  request_id  text        NOT NULL,
  key_version int         NOT NULL,
  hash        bytea       NOT NULL,
  PRIMARY KEY (tenant_id, seq),
  UNIQUE (tenant_id, entry_id)
);
COMMENT ON TABLE trail_entry IS 'append-only: who did what; each entry chained to the one before by a keyed hash';

-- Where each chain stands, and up to where that was published.
CREATE TABLE trail_head (
  tenant_id text   PRIMARY KEY,
  seq       bigint NOT NULL,
  hash      bytea  NOT NULL,
  published bigint NOT NULL
);
