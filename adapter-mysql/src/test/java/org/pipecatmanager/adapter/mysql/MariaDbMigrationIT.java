package org.pipecatmanager.adapter.mysql;

import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("it")
final class MariaDbMigrationIT implements MigrationContract {
    @Override
    public Database empty() {
        return TestDatabase.emptyServer();
    }

    @Override
    public List<String> platformTable() {
        return List.of("""
                CREATE TABLE pipecat_pipecatcalls (id binary(16), customer_id binary(16),
                  activeflow_id binary(16), reference_type varchar(255), reference_id binary(16), host_id varchar(255),
                  llm_type varchar(255), llm_messages json, stt_type varchar(255), stt_language varchar(255) NOT NULL DEFAULT '',
                  tts_type varchar(255), tts_language varchar(255) NOT NULL DEFAULT '', tts_voice_id varchar(255),
                  tm_create datetime(6), tm_update datetime(6), tm_delete datetime(6), PRIMARY KEY (id))
                """, "CREATE INDEX idx_pipecat_pipecatcalls_customer_id ON pipecat_pipecatcalls(customer_id)");
    }
}
