-- Append-only: what happened, in the order of cause and effect. A row's number is drawn while the
-- row that it speaks of is locked, after the transaction has its id (see JournalHorizon).
CREATE TABLE journal (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  seq         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME journal_seq),
  type        text        NOT NULL,
  step_id     text,
  attempt     int,
  at          timestamptz NOT NULL,
  event       text,
  data        jsonb       NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, seq)
);
COMMENT ON COLUMN journal.event IS 'kind of the Kafka event that this row becomes; null: history only';

CREATE INDEX journal_outbox ON journal (seq) WHERE event IS NOT NULL;

CREATE TABLE relay_cursor (
  name text   PRIMARY KEY,
  seq  bigint NOT NULL
);
INSERT INTO relay_cursor (name, seq) VALUES ('kafka', 0);
