package org.pipecatmanager.adapter.pipecatws;

import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.out.ConnectionMeter;

/**
 * Callers over WebSocket, such as the console's page: who decides about them.
 *
 * @param gate    asked about each, on the loop that is to drive it
 * @param access  asked before it
 * @param meter   counts them; the reasons are those of an AudioSocket leg
 * @param maxLegs at once; one more is answered 503
 */
public record BrowserLegs(LegGate gate, LegAccess access, ConnectionMeter meter, int maxLegs) {
    /** Far more than people who try an agent, few enough for one thread and for its neighbours. */
    public static final int DEFAULT_MAX_LEGS = 100;

    /** Refuses what cannot work. */
    public BrowserLegs {
        if (maxLegs < 1) {
            throw new IllegalArgumentException("maxLegs is " + maxLegs + "; set it to a positive number such as "
                    + DEFAULT_MAX_LEGS + ", or give no legs");
        }
    }
}
