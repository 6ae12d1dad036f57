package org.pipecatmanager.daemon.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * A {@code host:port} to listen on or to be reached at.
 *
 * @param host name or address; IPv6 without brackets
 * @param port 0 to listen on any free port
 */
public record HostPort(String host, int port) {
    /**
     * Reads {@code host:port}, {@code [v6]:port} or {@code :port} (every interface).
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon >= 0) {
            String host = text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port >= 0 && port <= 65_535) {
                    return new HostPort(host.isEmpty() ? "0.0.0.0" : host, port);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(wrong(text), e);
            }
        }
        throw new IllegalArgumentException(wrong(text));
    }

    private static String wrong(String text) {
        return "'" + text + "' is not host:port; write for instance 127.0.0.1:8080";
    }

    /** Whether nobody beyond this machine can reach it. */
    public boolean isLoopback() {
        try {
            return Objects.requireNonNull(InetAddress.getByName(host)).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether it means every address of this machine, which nobody can connect to by that name. */
    public boolean isWildcard() {
        try {
            return Objects.requireNonNull(InetAddress.getByName(host)).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
