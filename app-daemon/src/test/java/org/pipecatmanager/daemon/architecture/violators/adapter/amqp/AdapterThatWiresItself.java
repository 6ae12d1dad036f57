package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

import com.google.inject.Inject;
import picocli.CommandLine.Command;

@Command
final class AdapterThatWiresItself {
    @Inject
    AdapterThatWiresItself() {}
}
