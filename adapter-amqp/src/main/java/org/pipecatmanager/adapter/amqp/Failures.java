package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;

/** What went wrong at the broker, in words for an operator; neither driver nor broker repeats the password. */
final class Failures {
    private Failures() {}

    /** The broker's own words where it said some, else what the innermost failure says. */
    static String reason(Throwable failure) {
        var innermost = failure;
        for (var at = failure; at != null; at = at.getCause()) {
            var said = at instanceof ShutdownSignalException signal ? said(signal) : null;
            if (said != null) {
                return said;
            }
            innermost = at;
        }
        var message = innermost.getMessage();
        var type = innermost.getClass().getSimpleName();
        return message == null || message.isBlank() ? type : type + ": " + message;
    }

    private static @Nullable String said(ShutdownSignalException signal) {
        return switch (signal.getReason()) {
            case AMQP.Connection.Close close -> close.getReplyCode() + " " + close.getReplyText();
            case AMQP.Channel.Close close -> close.getReplyCode() + " " + close.getReplyText();
            case null, default -> null;
        };
    }
}
