-- In which of the transactions that change records each was changed last: what was decided on one holds as long as
-- it is not changed again. -1: before this was counted.

ALTER TABLE records ADD COLUMN revision INTEGER NOT NULL DEFAULT -1;
