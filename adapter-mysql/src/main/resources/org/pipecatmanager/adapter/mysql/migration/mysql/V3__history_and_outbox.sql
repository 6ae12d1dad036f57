CREATE TABLE IF NOT EXISTS pipecat_messages (
  id             bigint      NOT NULL AUTO_INCREMENT,
  pipecatcall_id binary(16)  NOT NULL,
  position       int         NOT NULL,
  speaker        varchar(16) NOT NULL,
  text           mediumtext  NOT NULL,
  interrupted    boolean     NOT NULL,
  tm_said        datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY idx_pipecat_messages_position (pipecatcall_id, position),
  KEY idx_pipecat_messages_tm_said (tm_said)
) DEFAULT CHARSET = utf8mb4;

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
  PRIMARY KEY (pipecatcall_id, number),
  KEY idx_pipecat_turns_tm_caller_stopped (tm_caller_stopped)
) DEFAULT CHARSET = utf8mb4;

-- position is the order in which events leave; terminated_id lets one pipecatcall_terminated per call in, whoever writes it.
CREATE TABLE IF NOT EXISTS pipecat_outbox (
  position       bigint       NOT NULL AUTO_INCREMENT,
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
  PRIMARY KEY (position),
  UNIQUE KEY idx_pipecat_outbox_id (id),
  UNIQUE KEY idx_pipecat_outbox_sequence (pipecatcall_id, type, sequence),
  UNIQUE KEY idx_pipecat_outbox_terminated (terminated_id),
  KEY idx_pipecat_outbox_relay (instance_id, tm_publish, position),
  KEY idx_pipecat_outbox_tm_publish (tm_publish)
) DEFAULT CHARSET = utf8mb4;
