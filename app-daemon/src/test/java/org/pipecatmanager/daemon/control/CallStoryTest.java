package org.pipecatmanager.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What {@code show} prints. */
class CallStoryTest {
    @Test
    void a_call_is_told_from_its_beginning_to_its_end() {
        assertThat(story("""
                        {"pipecatcall":{"id":"0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10","status":"ended",
                          "end_reason":"caller_hung_up","reference_type":"ai_call",
                          "reference_id":"11111111-7c1a-4a53-9c0e-3f5d8c6b7a10","host_id":"10.1.2.3",
                          "llm_type":"openai.gpt-5","stt_type":"deepgram","stt_language":"en-US",
                          "tts_type":"cartesia","tts_voice_id":"v1",
                          "tm_create":"2026-11-22T19:00:01.100000Z","tm_end":"2026-11-22T19:02:11.400000Z"},
                         "messages":[
                          {"position":1,"speaker":"bot","text":"Hello, how can I help?","interrupted":false,
                           "tm_said":"2026-11-22T19:00:02.300000Z"},
                          {"position":2,"speaker":"user","text":"A table for two, please, tomorrow evening at about eight, by the window if there is one.",
                           "interrupted":false,"tm_said":"2026-11-22T19:00:09Z"},
                          {"position":3,"speaker":"bot","text":"One mo","interrupted":true,
                           "tm_said":"2026-11-22T19:01:10Z"}],
                         "turns":[
                          {"number":1,"kind":"greeting","tm_caller_stopped":"2026-11-22T19:00:01.900000Z",
                           "first_speech_ms":210,"first_frame_ms":260},
                          {"number":2,"kind":"answer","tm_caller_stopped":"2026-11-22T19:00:09Z",
                           "end_of_turn_ms":240,"transcript_ms":300,"first_token_ms":640,"first_speech_ms":820,
                           "first_frame_ms":880,"barge_in_ms":61000,"last_old_frame_ms":61010}]}
                        """)).isEqualTo("""
                        call 0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10
                          status       ended: caller_hung_up
                          for          ai_call 11111111-7c1a-4a53-9c0e-3f5d8c6b7a10
                          host         10.1.2.3
                          model        openai.gpt-5
                          hears with   deepgram en-US
                          speaks with  cartesia v1
                          began        2026-11-22 19:00:01.100 UTC
                          ended        2026-11-22 19:02:11.400 UTC, after 2:10.3

                        said
                            +0:01.2  bot     Hello, how can I help?
                            +0:07.9  caller  A table for two, please, tomorrow evening at about eight,
                                             by the window if there is one.
                            +1:08.9  bot     One mo [cut off]

                        turns, in milliseconds since the caller stopped
                          # heard         at end of turn transcript first token first speech first sound barge-in silent
                          1 greeting +0:00.8           -          -           -          210         260        -      -
                          2 answer   +0:07.9         240        300         640          820         880    61000  61010""");
    }

    @Test
    void what_is_not_kept_is_said() {
        assertThat(story("{\"pipecatcall\":{\"id\":\"x\",\"tm_create\":null},\"messages\":[],\"turns\":[]}"))
                .isEqualTo("""
                        call x
                          status       unknown

                        nothing that was said is kept

                        no turns are kept""");
    }

    @Test
    void what_a_caller_said_cannot_command_the_terminal() {
        assertThat(story("""
                        {"pipecatcall":{"id":"x"},"turns":[],
                         "messages":[{"speaker":"user","text":"a\\u001b[2Jb\\nc","interrupted":false}]}
                        """)).contains("a [2Jb c").doesNotContain("\u001b");
    }

    private static String story(String json) {
        return CallStory.of(JsonMapper.shared().readTree(json));
    }
}
