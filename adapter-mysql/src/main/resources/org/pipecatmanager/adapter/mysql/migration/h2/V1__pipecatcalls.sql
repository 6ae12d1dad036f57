CREATE TABLE IF NOT EXISTS pipecat_pipecatcalls (
  id             binary(16)   NOT NULL PRIMARY KEY,
  customer_id    binary(16),
  activeflow_id  binary(16),
  reference_type varchar(255),
  reference_id   binary(16),
  host_id        varchar(255),
  llm_type       varchar(255),
  llm_messages   longtext,
  stt_type       varchar(255),
  stt_language   varchar(255) DEFAULT '' NOT NULL,
  tts_type       varchar(255),
  tts_language   varchar(255) DEFAULT '' NOT NULL,
  tts_voice_id   varchar(255),
  tm_create      datetime(6),
  tm_update      datetime(6),
  tm_delete      datetime(6)
);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_customer_id ON pipecat_pipecatcalls (customer_id);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_activeflow_id ON pipecat_pipecatcalls (activeflow_id);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_reference_type ON pipecat_pipecatcalls (reference_type);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_reference_id ON pipecat_pipecatcalls (reference_id);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_host_id ON pipecat_pipecatcalls (host_id);
CREATE INDEX IF NOT EXISTS idx_pipecat_pipecatcalls_tm_create ON pipecat_pipecatcalls (tm_create);
