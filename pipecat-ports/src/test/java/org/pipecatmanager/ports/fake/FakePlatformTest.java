package org.pipecatmanager.ports.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

class FakePlatformTest {
    private static final PipecatcallId ID = new SequentialIds().nextCallId();
    private static final ExternalMediaRequest REQUEST =
            new ExternalMediaRequest(ID, SequentialIds.id(7), "10.0.0.1:9092", "slin");

    private static void assertFails(Kind kind, Runnable asking) {
        assertThatThrownBy(asking::run)
                .isInstanceOfSatisfying(
                        ManagerException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void a_call_manager_knows_the_calls_it_was_given() {
        FakeCallManager calls = new FakeCallManager();
        PlatformCall call = new PlatformCall(SequentialIds.id(7), "progressing");
        assertFails(Kind.NOT_FOUND, () -> calls.call(call.id()));

        calls.add(call);
        assertThat(calls.call(call.id())).isEqualTo(call);
    }

    @Test
    void a_call_manager_records_what_it_fails() {
        FakeCallManager calls = new FakeCallManager();
        calls.failStarts(Kind.REFUSED);
        calls.failStops(Kind.UNREACHABLE);
        assertFails(Kind.REFUSED, () -> calls.startExternalMedia(REQUEST));
        assertFails(Kind.UNREACHABLE, () -> calls.stopExternalMedia(ID));
        calls.failStarts(null);
        calls.failStops(null);
        calls.startExternalMedia(REQUEST);
        calls.stopExternalMedia(ID);

        assertThat(calls.started()).containsExactly(REQUEST, REQUEST);
        assertThat(calls.stopped()).containsExactly(ID, ID);
    }

    @Test
    void a_host_that_is_not_there_does_not_answer_and_was_asked() {
        FakePeers peers = new FakePeers();

        assertFails(Kind.UNREACHABLE, () -> peers.ping("10.0.0.9"));
        assertThat(peers.asked()).containsExactly("10.0.0.9");
    }
}
