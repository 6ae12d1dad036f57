-- Additive only: daemons of the release before go on writing their rows beside ours.
ALTER TABLE pipecat_messages
  ADD COLUMN estimated boolean NOT NULL DEFAULT FALSE;

ALTER TABLE pipecat_turns
  ADD COLUMN stt_ms            bigint NULL,
  ADD COLUMN llm_ttfb_ms       bigint NULL,
  ADD COLUMN tts_ttfb_ms       bigint NULL,
  ADD COLUMN prompt_tokens     bigint NULL,
  ADD COLUMN completion_tokens bigint NULL,
  ADD COLUMN tts_characters    bigint NULL;
