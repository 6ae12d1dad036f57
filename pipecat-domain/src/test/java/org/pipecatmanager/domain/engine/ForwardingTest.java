package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

/** What is asked of a session that another daemon has, and what the cache answers. */
class ForwardingTest {
    private static final String OTHER = "10.0.0.2";

    private final PlatformStage here = new PlatformStage();
    private final PlatformStage there = new PlatformStage();

    @BeforeEach
    void introduce() {
        here.peers.add(OTHER, there.engine);
    }

    /** A call of the other daemon, whose record this one's store has, too. */
    private PipecatcallId elsewhere() {
        PipecatcallId id = there.started(false);
        here.store.insert(Pipecatcall.accepted(PlatformStage.text(id), OTHER, here.clock.now()), "hash");
        return id;
    }

    private static MessageCommand hello(PipecatcallId id) {
        return new MessageCommand(id, "m-1", "hello", true, true);
    }

    private void assertNotFound(Runnable asking) {
        assertThatThrownBy(asking::run)
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status()).isEqualTo(RequestException.Status.NOT_FOUND));
    }

    @Test
    void a_stop_reaches_the_daemon_that_has_the_call() {
        PipecatcallId id = elsewhere();

        assertThat(here.engine.stop(id).endReason()).isEqualTo(EndReason.REQUESTED);
        assertThat(there.engine.sessionCount()).isZero();
        assertThat(here.peers.asked()).containsExactly(OTHER);
    }

    @Test
    void a_stop_that_is_not_answered_is_answered_with_the_record() {
        PipecatcallId id = elsewhere();
        here.peers.remove(OTHER);

        assertThat(here.engine.stop(id)).isEqualTo(here.record(id));
        assertThat(here.peers.asked()).containsExactly(OTHER);
    }

    @Test
    void a_stop_whose_call_is_unknown_there_is_answered_with_the_record() {
        PipecatcallId id = here.ids.nextCallId();
        Pipecatcall record = Pipecatcall.accepted(PlatformStage.text(id), OTHER, here.clock.now());
        here.store.insert(record, "hash");

        assertThat(here.engine.stop(id)).isEqualTo(record);
    }

    @Test
    void a_message_reaches_the_daemon_that_has_the_call_and_its_answer_comes_back() {
        PipecatcallId id = elsewhere();
        assertThatThrownBy(() -> here.engine.sendMessage(hello(id)))
                .as("not live yet")
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.reason()).isEqualTo("SESSION_NOT_LIVE"));
        FakeRunnerLink link = there.link(id);
        Message answer = here.engine.sendMessage(hello(id));

        assertThat(answer.text()).isEqualTo("hello");
        assertThat(link.commands()).hasSize(2);
    }

    @Test
    void a_message_that_is_not_answered_finds_nothing() {
        PipecatcallId id = elsewhere();
        here.peers.remove(OTHER);

        assertNotFound(() -> here.engine.sendMessage(hello(id)));
    }

    @Test
    void what_was_handed_on_is_not_handed_on_again() {
        PipecatcallId id = elsewhere();

        assertThat(here.engine.stop(id, Reach.HERE)).isEqualTo(here.record(id));
        assertNotFound(() -> here.engine.sendMessage(hello(id), Reach.HERE));
        assertThat(here.peers.asked()).isEmpty();
    }

    @Test
    void nobody_is_asked_about_calls_that_are_over_or_were_ours_or_never_were() {
        PipecatcallId over = here.ids.nextCallId();
        Pipecatcall record = Pipecatcall.accepted(PlatformStage.text(over), OTHER, here.clock.now());
        here.store.insert(record.withStatus(PipecatcallStatus.ENDED, EndReason.IDLE, here.clock.now()), "hash");
        PipecatcallId ours = here.ids.nextCallId();
        here.store.insert(
                Pipecatcall.accepted(PlatformStage.text(ours), PlatformStage.HOST.hostId(), here.clock.now()), "hash");

        assertThat(here.engine.stop(over)).isEqualTo(here.record(over));
        assertThat(here.engine.stop(ours)).isEqualTo(here.record(ours));
        assertNotFound(() -> here.engine.sendMessage(hello(over)));
        assertNotFound(() -> here.engine.sendMessage(hello(ours)));
        assertNotFound(() -> here.engine.stop(here.ids.nextCallId()));
        assertThat(here.peers.asked()).isEmpty();
    }

    @Test
    void a_cached_record_that_is_over_spares_the_store() {
        PipecatcallId id = here.started(false);
        here.engine.stop(id);
        Pipecatcall record = here.record(id);
        here.store.disappear();

        assertThat(here.engine.get(id)).isEqualTo(record);
    }

    @Test
    void a_cached_record_that_is_not_over_stands_in_only_while_the_store_is_away() {
        PipecatcallId id = here.ids.nextCallId();
        Pipecatcall old = Pipecatcall.accepted(PlatformStage.text(id), OTHER, here.clock.now());
        Pipecatcall over = old.withStatus(PipecatcallStatus.ENDED, EndReason.HOST_LOST, here.clock.now());
        here.cache.put(old);
        here.store.insert(over, "hash");
        here.store.disappear();
        assertThat(here.engine.get(id)).isEqualTo(old);
        assertThatThrownBy(() -> here.engine.get(here.ids.nextCallId())).isInstanceOf(StoreException.class);

        here.store.repair();
        assertThat(here.engine.get(id)).isEqualTo(over);
        assertThat(here.cache.get(id)).contains(over);
    }
}
