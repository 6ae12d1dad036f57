ALTER TABLE pipecat_pipecatcalls ADD (
  status       varchar(16),
  end_reason   varchar(32),
  tm_end       datetime(6),
  agent        varchar(255),
  request_hash char(64),
  instance_id  varchar(64),
  lease_epoch  int DEFAULT 1 NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_owner ON pipecat_pipecatcalls (status, instance_id);
