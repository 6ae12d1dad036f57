package org.pipecatmanager.daemon.doctor;

import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.adapter.amqp.BrokerInspection;
import org.pipecatmanager.adapter.amqp.BrokerInspection.Part;

/** Judges the broker. */
final class BrokerCheck {
    private static final String AREA = "rabbitmq";
    private static final String DELAYS = "bin-manager.delay";

    private BrokerCheck() {}

    static List<Finding> of(BrokerInspection broker) {
        return switch (broker.access()) {
            case UNREACHABLE ->
                List.of(Finding.problem(
                        AREA,
                        "nobody speaks AMQP at " + broker.place(),
                        broker.reason(),
                        "check host and port in RABBITMQ_ADDRESS (amqp:// is 5672 as a rule, amqps:// 5671), that RabbitMQ runs,"
                                + " and that no firewall is between"));
            case REFUSED ->
                List.of(Finding.problem(
                        AREA,
                        broker.place() + " does not let us in",
                        broker.reason(),
                        "check user, password (URL-encoded) and virtual host in RABBITMQ_ADDRESS; rabbitmqctl list_users,"
                                + " list_vhosts and list_permissions show what there is"));
            case OPEN -> open(broker);
        };
    }

    private static List<Finding> open(BrokerInspection broker) {
        List<Finding> findings = new ArrayList<>();
        findings.add(Versions.judged(AREA, broker.product(), broker.version(), BrokerInspection.LEAST_VERSION));
        broker.parts().forEach(part -> findings.add(part(part)));
        return findings;
    }

    private static Finding part(Part part) {
        String name = part.what() + " " + part.name();
        return switch (part.state()) {
            case FITS ->
                Finding.ok(
                        AREA,
                        name + " is there",
                        part.what().equals("queue")
                                ? part.consumers() + " consumers, " + part.waiting() + " messages waiting"
                                : "");
            case MISSING ->
                part.name().equals(DELAYS)
                        ? Finding.warning(
                                AREA,
                                name + " is not there, so requests that others delay will not arrive",
                                "",
                                "enable the plugin rabbitmq_delayed_message_exchange; a daemon makes the exchange then")
                        : Finding.ok(AREA, name + " is not there yet; a daemon makes it", "");
            case DIFFERS ->
                Finding.problem(
                        AREA,
                        name
                                + " is there with other flags than a daemon declares it with, and every daemon will fail on it",
                        part.reason(),
                        "stop who uses it, delete it (rabbitmqctl delete_queue " + part.name()
                                + ", or in the management page) and let a daemon make it again; see who made it otherwise");
            case FORBIDDEN ->
                Finding.problem(
                        AREA,
                        name + " may not be used by this user",
                        part.reason(),
                        "give the user the rights configure, write and read on bin-manager.* (rabbitmqctl set_permissions)");
        };
    }
}
