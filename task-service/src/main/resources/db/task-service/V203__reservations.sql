-- What the attempt that runs may spend of its workflow's budget: nobody else is promised it meanwhile.
ALTER TABLE step
  ADD COLUMN reserved_attempt  int,
  ADD COLUMN reserved_tokens   bigint,
  ADD COLUMN reserved_cost_usd double precision;
COMMENT ON COLUMN step.reserved_attempt IS 'the attempt that reserved; null where there is no budget';
