package org.pipecatmanager.ports.out;

import java.util.Optional;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Keeps the records of calls.
 *
 * <p><b>Threads.</b> Safe for all; methods may block on the network.
 *
 * <p><b>Failures.</b> {@link StoreException} when the store cannot be reached; driver exceptions never pass.
 *
 * <p>Passes {@code PipecatcallStoreContract}.
 */
public interface PipecatcallStore {
    /**
     * Writes a new record.
     *
     * @param requestHash fingerprint of the start request, for idempotency
     * @return false, and nothing written, when the id is already there
     * @throws RequestException 400, nothing written: the store is there and does not take a value of this record
     */
    boolean insert(Pipecatcall call, String requestHash);

    /** The record of an id, also one marked as deleted. */
    Optional<Pipecatcall> find(PipecatcallId id);

    /** The fingerprint {@link #insert} was given. */
    Optional<String> requestHash(PipecatcallId id);

    /**
     * Replaces a record. May be written behind, in the order of the calls for one id; {@link #find} and {@link #list} of the
     * same store see it at once.
     *
     * @return false when the id is known not to be there
     * @throws StoreException the record cannot be kept
     */
    boolean update(Pipecatcall call);

    /**
     * One page, newest first by creation, then by id, records without a creation time last; those marked as deleted are left
     * out. A token of another query gives an unspecified page, never a failure.
     */
    Page<Pipecatcall> list(ListQuery query);
}
