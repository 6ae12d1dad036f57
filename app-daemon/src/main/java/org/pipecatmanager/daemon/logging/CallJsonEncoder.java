package org.pipecatmanager.daemon.logging;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.OpenSpan;

/**
 * A line of JSON for each event; {@code call_id} and {@code trace_id} where it is about a call: the one its message names, or else
 * the one its thread works on.
 *
 * <p>Runs on the thread that logs.
 */
public final class CallJsonEncoder extends JsonEncoder {
    /** How our messages name a call, its leg and its link. */
    private static final Pattern NAMED = Pattern.compile(
            "\\b(?:call|leg|link|session) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\\b");

    /** Made by logback. */
    public CallJsonEncoder() {
        setWithSequenceNumber(false);
        setWithNanoseconds(false);
        setWithContext(false);
        setWithMDC(false);
        setWithKVPList(false);
        // The message as it reads; arguments apart would be the same once more.
        setWithMessage(false);
        setWithArguments(false);
        setWithFormattedMessage(true);
    }

    @Override
    protected void appendCustomFields(StringBuilder json, ILoggingEvent event) {
        OpenSpan work = OpenSpan.current();
        Optional<String> working = work.callId().map(PipecatcallId::toString);
        Matcher named = NAMED.matcher(event.getFormattedMessage());
        Optional<String> call = named.find() ? Optional.of(named.group(1)) : working;
        call.ifPresent(id -> {
            put(json, "call_id", id);
            (working.equals(call) ? work.context().map(TraceContext::traceId) : CallTraces.traceOf(id))
                    .ifPresent(trace -> put(json, "trace_id", trace));
        });
    }

    private void put(StringBuilder json, String key, String value) {
        appendValueSeparator(json, true);
        appenderMember(json, key, value);
    }
}
