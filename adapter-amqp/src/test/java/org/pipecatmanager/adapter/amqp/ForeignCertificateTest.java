package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RpcMeter;

/** The driver by itself trusts every certificate. */
class ForeignCertificateTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    @Test
    void a_server_with_a_certificate_that_nobody_vouches_for_does_not_get_the_password() throws Exception {
        try (var server = (SSLServerSocket)
                impostor().getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> greet(server));
            var config =
                    AmqpConfig.to(Secret.of("amqps://guest:tiger@127.0.0.1:" + server.getLocalPort() + "/"), "test");
            try (var connection = AmqpConnection.create(config, RpcMeter.NONE)) {
                connection.start();
                while (!connection.problem().contains("cannot be reached")) {
                    assertThat(connection.awaitUp(Duration.ofMillis(10))).isFalse();
                }
                assertThat(connection.problem()).contains("certification path");
            }
        }
    }

    private SSLContext impostor() throws Exception {
        var file = directory.resolve("impostor.p12");
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var made = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        "impostor",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void greet(SSLServerSocket server) {
        while (!server.isClosed()) {
            try (var client = (SSLSocket) server.accept()) {
                client.startHandshake();
            } catch (IOException e) {
                // The client refused, which is what it is asked to do, or the test is over.
            }
        }
    }
}
