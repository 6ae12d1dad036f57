package org.pipecatmanager.ports.in;

import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.Turn;
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
     * Ends a call, wherever it runs; repeated stops answer the record again. A daemon that owns the call and does not answer
     * is not waited for longer than a second: the record is answered all the same.
     *
     * @throws RequestException unknown id (404)
     */
    default Pipecatcall stop(PipecatcallId id) {
        return stop(id, Reach.EVERYWHERE);
    }

    /** The same, for requests that another daemon may have handed on. */
    Pipecatcall stop(PipecatcallId id, Reach reach);

    /**
     * Puts text into a running conversation, wherever it runs; a repeated {@code message_id} is answered with the first answer and not sent
     * again.
     *
     * @throws RequestException no running session (404), session not live yet (409)
     */
    default Message sendMessage(MessageCommand command) {
        return sendMessage(command, Reach.EVERYWHERE);
    }

    /** The same, for requests that another daemon may have handed on. */
    Message sendMessage(MessageCommand command, Reach reach);

    /**
     * What was said in a call, live or past, in order.
     *
     * @throws RequestException unknown id (404)
     */
    List<SpokenMessage> messages(PipecatcallId id);

    /**
     * The latencies of a call's turns, in order.
     *
     * @throws RequestException unknown id (404)
     */
    List<Turn> turns(PipecatcallId id);

    /**
     * What a call was like: what its audio did, and what happened when.
     *
     * @throws RequestException unknown id, or nothing is kept of it: it lives, its daemon died, or it is too long ago (404)
     */
    CallReport report(PipecatcallId id);

    /**
     * The providers of models, recognisers and voices that this daemon's runner has: {@code llm}, {@code stt}, {@code tts}, each
     * a list of mappings, as docs/providers.md describes them. Blocks on the runner for seconds at most.
     *
     * @throws RequestException the runner cannot be asked (503)
     */
    Map<String, Object> providers();

    /** Answers at once, whatever else is going on. */
    Ping ping();

    /** How far a request may go. */
    enum Reach {
        /** To the daemon that owns the session. */
        EVERYWHERE,
        /** Nowhere else: it was handed on once already. */
        HERE
    }
}
