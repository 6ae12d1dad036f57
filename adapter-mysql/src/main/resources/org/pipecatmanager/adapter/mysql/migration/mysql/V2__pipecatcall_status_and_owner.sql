-- Additive only: another implementation goes on writing its own columns beside ours. The calls that are not over, which
-- another daemon looks for every few seconds, are few among all: status comes first in their index.
ALTER TABLE pipecat_pipecatcalls
  ADD COLUMN status       varchar(16)  NULL,
  ADD COLUMN end_reason   varchar(32)  NULL,
  ADD COLUMN tm_end       datetime(6)  NULL,
  ADD COLUMN agent        varchar(255) NULL,
  ADD COLUMN request_hash char(64)     NULL,
  ADD COLUMN instance_id  varchar(64)  NULL,
  ADD COLUMN lease_epoch  int          NOT NULL DEFAULT 1,
  ADD KEY idx_pipecat_pipecatcalls_owner (status, instance_id);
