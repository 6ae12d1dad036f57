package org.pipecatmanager.ports.out;

import java.util.UUID;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;

/**
 * The platform's telephone calls.
 *
 * <p><b>Threads.</b> Any that may block; bounded by the implementation's deadline.
 *
 * <p><b>Failures.</b> {@link ManagerException}.
 */
public interface CallManager {
    PlatformCall call(UUID id);

    /** Has Asterisk connect to us. */
    void startExternalMedia(ExternalMediaRequest request);

    /** Takes that connection down; one that is not there is fine. */
    void stopExternalMedia(PipecatcallId id);
}
