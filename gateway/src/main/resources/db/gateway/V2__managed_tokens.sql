-- A token and its secrets stand apart: while it is rotated, it has two.
CREATE TABLE token (
  token_id     text        PRIMARY KEY,
  tenant_id    text        NOT NULL,
  name         text        NOT NULL,
  roles        text[]      NOT NULL,
  capabilities text[]      NOT NULL DEFAULT '{}',
  created_at   timestamptz NOT NULL,
  created_by   text        NOT NULL,
  expires_at   timestamptz,
  last_used_at timestamptz,
  UNIQUE (tenant_id, name)
);
COMMENT ON COLUMN token.capabilities IS 'the only ones that a bearer may offer as a worker; empty: any';

CREATE TABLE token_secret (
  secret_hash text        PRIMARY KEY,
  number      bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  token_id    text        NOT NULL REFERENCES token ON DELETE CASCADE,
  created_at  timestamptz NOT NULL,
  valid_until timestamptz
);
CREATE INDEX token_secret_of ON token_secret (token_id);
COMMENT ON COLUMN token_secret.secret_hash IS 'SHA-256 of the secret, hexadecimal; the secret itself is nowhere';

INSERT INTO token (token_id, tenant_id, name, roles, created_at, created_by)
  SELECT gen_random_uuid()::text, tenant_id, name,
    CASE WHEN (tenant_id, name) = ('default', 'administrator') THEN roles || '{operator}'::text[] ELSE roles END,
    created_at, 'gateway'
  FROM api_token;
INSERT INTO token_secret (secret_hash, token_id, created_at)
  SELECT old.token_hash, t.token_id, old.created_at
  FROM api_token AS old JOIN token AS t USING (tenant_id, name);
DROP TABLE api_token;
