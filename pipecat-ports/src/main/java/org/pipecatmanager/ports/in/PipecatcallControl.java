package org.pipecatmanager.ports.in;

import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

/**
 * What the world may ask of calls: behind RPC, HTTP and CLI alike.
 *
 * <p><b>Threads.</b> Any; methods block on the store at most, never on media, runner or other managers.
 *
 * <p><b>Failures.</b> {@link RequestException} says what is wrong with a request; {@link StoreException} passes through.
 */
public interface PipecatcallControl {
    /**
     * Accepts a call: validates locally, writes the record, answers; leg and runner come up behind it.
     *
     * <p>The same id with the same body answers the record again, also after its end.
     *
     * @throws RequestException invalid field (400), same id with another body (409), full or stopping (503)
     */
    Pipecatcall start(StartCommand command);

    /**
     * The record of a call, live or past.
     *
     * @throws RequestException unknown id (404)
     */
    Pipecatcall get(PipecatcallId id);

    /** One page of records, newest first. */
    Page<Pipecatcall> list(ListQuery query);

    /**
     * Ends a call; repeated stops answer the record again.
     *
     * @throws RequestException unknown id (404)
     */
    Pipecatcall stop(PipecatcallId id);

    /**
     * Puts text into a running conversation; a repeated {@code message_id} is answered with the first answer and not sent
     * again.
     *
     * @throws RequestException no running session (404), session not live yet (409)
     */
    Message sendMessage(MessageCommand command);

    /** Answers at once, whatever else is going on. */
    Ping ping();
}
