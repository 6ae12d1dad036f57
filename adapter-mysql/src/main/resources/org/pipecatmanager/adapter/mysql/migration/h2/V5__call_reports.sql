CREATE TABLE IF NOT EXISTS pipecat_call_reports (
  pipecatcall_id binary(16)  NOT NULL PRIMARY KEY,
  report         mediumtext  NOT NULL,
  tm_create      datetime(6) NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_pipecat_call_reports_tm_create ON pipecat_call_reports (tm_create);
