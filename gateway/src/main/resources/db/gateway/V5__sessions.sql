CREATE TABLE session (
  session_id       text        PRIMARY KEY,
  tenant_id        text        NOT NULL,
  person           text        NOT NULL,
  provider_session text        NOT NULL UNIQUE,
  device           text        NOT NULL,
  label            text        NOT NULL,
  began_at         timestamptz NOT NULL,
  last_seen        timestamptz NOT NULL,
  ended_at         timestamptz
);
CREATE INDEX session_of ON session (tenant_id, person) WHERE ended_at IS NULL;
CREATE INDEX session_age ON session (last_seen);
COMMENT ON COLUMN session.provider_session IS 'SHA-256 of the identity provider''s name of it, hexadecimal';
COMMENT ON COLUMN session.device IS 'SHA-256 of what the device says of itself, hexadecimal';
COMMENT ON COLUMN session.label IS 'sealed: what a person recognises the device by';
