ALTER TABLE worker ADD COLUMN owner text;
COMMENT ON COLUMN worker.owner IS 'the caller that used the name first; it is that caller''s until the worker leaves';
