package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.in.EventFeed;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.out.EventPublisher;

/** Every {@link EventFeed} passes this. */
@Timeout(60)
public interface EventFeedContract {
    /** A feed without events that keeps at least that many of each of ten calls. */
    Feed newFeed(int eventsPerCall);

    /**
     * A feed and where its events come from.
     *
     * @param publisher what is published here has been passed on when the call returns
     */
    record Feed(EventFeed feed, EventPublisher publisher) {}

    @Test
    default void kept_events_are_replayed_and_new_ones_follow() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        publish(feed, 1, 1, 3);
        feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        publish(feed, 1, 4, 5);
        assertThat(heard).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    default void replay_starts_after_the_last_event_seen() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        publish(feed, 1, 1, 5);
        feed.feed().subscribe(Calls.id(1), 3, event -> heard.add(event.sequence()));
        assertThat(heard).containsExactly(4L, 5L);
    }

    @Test
    default void a_call_that_said_nothing_yet_can_be_listened_to() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        publish(feed, 1, 1, 2);
        assertThat(heard).containsExactly(1L, 2L);
    }

    @Test
    default void events_are_passed_on_as_they_are_intermediate_texts_too() {
        var feed = newFeed(100);
        var heard = new ArrayList<CallEvent>();
        var live = Events.ofType(EventType.MESSAGE_BOT_LLM_INTERMEDIATE, 1, 2);
        var kept = Events.ofType(EventType.MESSAGE_BOT_LLM_INTERMEDIATE, 1, 1);
        feed.publisher().publish(kept);
        feed.feed().subscribe(Calls.id(1), 0, heard::add);
        feed.publisher().publish(live);
        assertThat(heard).containsExactly(kept, live);
    }

    @Test
    default void other_calls_are_not_heard() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        publish(feed, 2, 1, 3);
        feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        publish(feed, 2, 4, 5);
        assertThat(heard).isEmpty();
    }

    @Test
    default void a_closed_subscription_hears_nothing_and_closing_again_is_a_no_op() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        var subscription = feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        assertThat(subscription.isOpen()).isTrue();
        subscription.close();
        subscription.close();
        publish(feed, 1, 1, 2);
        assertThat(subscription.isOpen()).isFalse();
        assertThat(heard).isEmpty();
    }

    @Test
    default void a_listener_may_close_its_own_subscription() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        var own = new AtomicReference<EventFeed.Subscription>();
        own.set(feed.feed().subscribe(Calls.id(1), 0, event -> {
            heard.add(event.sequence());
            own.get().close();
        }));
        publish(feed, 1, 1, 3);
        assertThat(heard).containsExactly(1L);
    }

    @Test
    default void a_listener_that_throws_loses_its_subscription_and_nobody_else_notices() {
        var feed = newFeed(100);
        var heard = new ArrayList<Long>();
        var failing = feed.feed().subscribe(Calls.id(1), 0, event -> {
            throw new IllegalStateException("on purpose");
        });
        var other = feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        publish(feed, 1, 1, 3);
        assertThat(failing.isOpen()).isFalse();
        assertThat(other.isOpen()).isTrue();
        assertThat(heard).containsExactly(1L, 2L, 3L);
    }

    @Test
    default void a_listener_that_throws_during_replay_loses_its_subscription_too() {
        var feed = newFeed(100);
        publish(feed, 1, 1, 3);
        var heard = new ArrayList<Long>();
        var failing = feed.feed().subscribe(Calls.id(1), 0, event -> {
            heard.add(event.sequence());
            throw new IllegalStateException("on purpose");
        });
        assertThat(failing.isOpen()).isFalse();
        assertThat(heard).containsExactly(1L);
    }

    @Test
    default void whoever_comes_while_events_are_published_misses_none_and_hears_none_twice() throws Exception {
        int events = 3000;
        var feed = newFeed(events);
        var publishing = CompletableFuture.runAsync(() -> publish(feed, 1, 1, events));
        var all = new ArrayList<List<Long>>();
        for (int i = 0; i < 50; i++) {
            var heard = Collections.synchronizedList(new ArrayList<Long>());
            all.add(heard);
            feed.feed().subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        }
        publishing.get(30, TimeUnit.SECONDS);

        var expected = LongStream.rangeClosed(1, events).boxed().toList();
        for (var heard : all) {
            assertThat(heard).isEqualTo(expected);
        }
    }

    private static void publish(Feed feed, long call, long from, long to) {
        for (long sequence = from; sequence <= to; sequence++) {
            feed.publisher().publish(Events.message(call, sequence));
        }
    }
}
