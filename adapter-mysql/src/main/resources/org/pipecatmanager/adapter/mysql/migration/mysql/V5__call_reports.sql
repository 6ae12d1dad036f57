-- What a call was like: JSON as the API answers it, written once at the end. A table of ours: daemons of the release before do
-- not look at it, and the platform's table stays as it is.
CREATE TABLE IF NOT EXISTS pipecat_call_reports (
  pipecatcall_id binary(16)  NOT NULL,
  report         mediumtext  NOT NULL,
  tm_create      datetime(6) NOT NULL,
  PRIMARY KEY (pipecatcall_id),
  KEY idx_pipecat_call_reports_tm_create (tm_create)
) DEFAULT CHARSET = utf8mb4;
