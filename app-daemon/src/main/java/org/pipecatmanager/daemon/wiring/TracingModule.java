package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.util.Objects;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.tracing.OtlpSpans;
import org.pipecatmanager.daemon.tracing.SpanExport;
import org.pipecatmanager.ports.model.HostInstance;

/** Spans of calls, where there is somewhere to send them. */
final class TracingModule extends AbstractModule {
    @Provides
    @Singleton
    SpanExport spans(DaemonConfig config, HostInstance self) {
        return config.tracing() == null ? SpanExport.NONE : Otlp.spans(config, self);
    }

    /** A class of its own: the other is verified without a class of OpenTelemetry. */
    private static final class Otlp {
        static SpanExport spans(DaemonConfig config, HostInstance self) {
            return new OtlpSpans(Objects.requireNonNull(config.tracing()), self);
        }
    }
}
