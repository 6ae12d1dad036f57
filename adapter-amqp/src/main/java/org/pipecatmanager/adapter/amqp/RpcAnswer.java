package org.pipecatmanager.adapter.amqp;

import org.jspecify.annotations.Nullable;

/**
 * What a service answered over the broker.
 *
 * @param statusCode as in HTTP; 300 and above are errors
 * @param dataType   {@code application/json}, {@code voipbin_error} for an error that says what it is, or empty
 * @param data       the body as plain JDK values, or null for none
 */
public record RpcAnswer(
        int statusCode, String dataType, @Nullable Object data) {
    /** Whether it did what it was asked. */
    public boolean isSuccess() {
        return statusCode < 300;
    }

    /** Bodies stay out of logs. */
    @Override
    public String toString() {
        return "RpcAnswer[" + statusCode + "]";
    }
}
