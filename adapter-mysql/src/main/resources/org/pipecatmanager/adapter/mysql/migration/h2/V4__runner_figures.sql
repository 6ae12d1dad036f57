ALTER TABLE pipecat_messages ADD (
  estimated boolean DEFAULT FALSE NOT NULL
);
ALTER TABLE pipecat_turns ADD (
  stt_ms            bigint,
  llm_ttfb_ms       bigint,
  tts_ttfb_ms       bigint,
  prompt_tokens     bigint,
  completion_tokens bigint,
  tts_characters    bigint
);
