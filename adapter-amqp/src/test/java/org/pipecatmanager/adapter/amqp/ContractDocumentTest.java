package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeControl;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.wire.ControlRoutes;
import org.pipecatmanager.ports.wire.ControlRoutes.Miss;

/** The document from which others write clients names everything they may meet. */
class ContractDocumentTest {
    private final String document = Files.readString(Path.of("..", "docs", "protocol", "amqp-rpc.md"));

    ContractDocumentTest() throws IOException {}

    @Test
    void every_event_end_reason_and_status_is_named() {
        var names = Stream.of(
                        Arrays.stream(EventType.values()).map(EventType::wireName),
                        Arrays.stream(EndReason.values()).map(EndReason::wireName),
                        Arrays.stream(PipecatcallStatus.values()).map(PipecatcallStatus::wireName))
                .flatMap(all -> all)
                .map(name -> "`" + name + "`")
                .toList();
        assertThat(document).contains(names);
    }

    @Test
    void every_route_is_named() {
        var nowhere = (Miss) ControlRoutes.forRpc(new FakeControl("10.0.0.7")).match("GET", "/");
        var listed = String.valueOf(nowhere.refusal().getMessage()).split("use one of ", 2)[1];
        assertThat(listed.split(", ", -1))
                .hasSize(9)
                .allSatisfy(
                        label -> assertThat(document).contains("`" + label.replace("<pipecatcall-id>", "<id>") + "`"));
    }

    @Test
    void queues_exchanges_and_headers_are_named() {
        assertThat(document)
                .contains("`" + RpcServerConfig.SHARED_QUEUE + "`")
                .contains("`" + RpcServerConfig.queueOf("<host_id>") + "`")
                .contains("`" + DelayExchange.NAME + "`")
                .contains("`" + RpcServer.FORWARDED_HEADER + "`")
                .contains("`" + TraceContext.HEADER + "`")
                .contains(RpcServerCodec.MAX_REQUEST_BYTES + " bytes");
    }
}
