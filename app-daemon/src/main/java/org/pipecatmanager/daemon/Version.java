package org.pipecatmanager.daemon;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version the build wrote into the jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "pipecat-manager "
                    + Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "unbuilt")
        };
    }
}
