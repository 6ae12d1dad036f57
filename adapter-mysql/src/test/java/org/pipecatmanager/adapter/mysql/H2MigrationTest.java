package org.pipecatmanager.adapter.mysql;

import java.util.List;

final class H2MigrationTest implements MigrationContract {
    @Override
    public Database empty() {
        return TestDatabase.emptyInMemory();
    }

    @Override
    public List<String> platformTable() {
        return List.of("""
                CREATE TABLE pipecat_pipecatcalls (id binary(16) PRIMARY KEY, customer_id binary(16),
                  activeflow_id binary(16), reference_type varchar(255), reference_id binary(16), host_id varchar(255),
                  llm_type varchar(255), llm_messages longtext, stt_type varchar(255), stt_language varchar(255),
                  tts_type varchar(255), tts_language varchar(255), tts_voice_id varchar(255),
                  tm_create datetime(6), tm_update datetime(6), tm_delete datetime(6))
                """);
    }
}
