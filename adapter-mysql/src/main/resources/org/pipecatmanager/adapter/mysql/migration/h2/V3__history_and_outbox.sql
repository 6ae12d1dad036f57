CREATE TABLE IF NOT EXISTS pipecat_messages (
  id             bigint      NOT NULL AUTO_INCREMENT PRIMARY KEY,
  pipecatcall_id binary(16)  NOT NULL,
  position       int         NOT NULL,
  speaker        varchar(16) NOT NULL,
  text           mediumtext  NOT NULL,
  interrupted    boolean     NOT NULL,
  tm_said        datetime(6) NOT NULL,
  CONSTRAINT idx_pipecat_messages_position UNIQUE (pipecatcall_id, position)
);
CREATE INDEX IF NOT EXISTS idx_pipecat_messages_tm_said ON pipecat_messages (tm_said);

CREATE TABLE IF NOT EXISTS pipecat_turns (
  pipecatcall_id    binary(16)  NOT NULL,
  number            int         NOT NULL,
  kind              varchar(16) NOT NULL,
  tm_caller_stopped datetime(6) NOT NULL,
  end_of_turn_ms    bigint,
  transcript_ms     bigint,
  first_token_ms    bigint,
  first_speech_ms   bigint,
  first_frame_ms    bigint,
  barge_in_ms       bigint,
  last_old_frame_ms bigint,
  PRIMARY KEY (pipecatcall_id, number)
);
CREATE INDEX IF NOT EXISTS idx_pipecat_turns_tm_caller_stopped ON pipecat_turns (tm_caller_stopped);

CREATE TABLE IF NOT EXISTS pipecat_outbox (
  position       bigint       NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id             binary(16)   NOT NULL,
  pipecatcall_id binary(16)   NOT NULL,
  type           varchar(64)  NOT NULL,
  sequence       bigint       NOT NULL,
  body           mediumtext   NOT NULL,
  traceparent    varchar(55),
  host_id        varchar(255) NOT NULL,
  instance_id    varchar(64)  NOT NULL,
  terminated_id  binary(16),
  tm_create      datetime(6)  NOT NULL,
  tm_publish     datetime(6),
  CONSTRAINT idx_pipecat_outbox_id UNIQUE (id),
  CONSTRAINT idx_pipecat_outbox_sequence UNIQUE (pipecatcall_id, type, sequence),
  CONSTRAINT idx_pipecat_outbox_terminated UNIQUE (terminated_id)
);
CREATE INDEX IF NOT EXISTS idx_pipecat_outbox_relay ON pipecat_outbox (instance_id, tm_publish, position);
CREATE INDEX IF NOT EXISTS idx_pipecat_outbox_tm_publish ON pipecat_outbox (tm_publish);
