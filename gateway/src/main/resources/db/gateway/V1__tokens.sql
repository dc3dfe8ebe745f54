CREATE TABLE api_token (
  token_hash text        PRIMARY KEY,
  name       text        NOT NULL,
  tenant_id  text        NOT NULL,
  roles      text[]      NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, name)
);
COMMENT ON COLUMN api_token.token_hash IS 'SHA-256 of the token, hexadecimal; the token itself is nowhere';
