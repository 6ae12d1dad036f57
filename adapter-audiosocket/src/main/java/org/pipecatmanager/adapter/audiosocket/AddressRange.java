package org.pipecatmanager.adapter.audiosocket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A range of addresses, such as {@code 10.0.0.0/8} or {@code fd00::/8}. IPv4 addresses mapped into IPv6 count as IPv4.
 *
 * @param network    first address; the bits after the prefix are zero
 * @param prefixBits leading bits all addresses of the range share, 0 to 32 or 0 to 128
 */
public record AddressRange(InetAddress network, int prefixBits) {
    private static final String IPV4_NUMBER = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(IPV4_NUMBER + "(\\." + IPV4_NUMBER + "){3}");
    /** Whatever has a colon and these characters only is never looked up as a name. */
    private static final Pattern MAYBE_IPV6 = Pattern.compile("[0-9a-fA-F]*:[0-9a-fA-F:.]*");

    /**
     * Checks the prefix.
     *
     * @throws IllegalArgumentException when the prefix is too long, or the address has bits after it
     */
    public AddressRange {
        byte[] bytes = network.getAddress();
        int most = bytes.length * 8;
        if (prefixBits < 0 || prefixBits > most) {
            throw new IllegalArgumentException(
                    "the prefix of " + network.getHostAddress() + "/" + prefixBits + " is not between 0 and " + most);
        }
        InetAddress first = firstOf(bytes, prefixBits);
        if (!first.equals(network)) {
            throw new IllegalArgumentException(network.getHostAddress() + "/" + prefixBits
                    + " has bits after its prefix; did you mean " + first.getHostAddress() + "/" + prefixBits + " or "
                    + network.getHostAddress() + "/" + most + "?");
        }
    }

    /**
     * Reads {@code address/prefix}, or an address alone, which is a range of one. Never looks a name up.
     *
     * @throws IllegalArgumentException when {@code text} is neither; the message says what is wrong
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (!IPV4.matcher(literal).matches() && !MAYBE_IPV6.matcher(literal).matches()) {
            throw unreadable(text);
        }
        try {
            InetAddress address = InetAddress.getByName(literal);
            int most = address.getAddress().length * 8;
            if (slash < 0) {
                return new AddressRange(address, most);
            }
            int prefix = Integer.parseInt(text.substring(slash + 1));
            boolean isMapped = literal.indexOf(':') >= 0 && most == 32;
            return new AddressRange(address, isMapped ? prefix - 96 : prefix);
        } catch (UnknownHostException | NumberFormatException e) {
            throw unreadable(text);
        }
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not an address range; write one such as 10.0.0.0/8, 192.0.2.7 or fd00::/8");
    }

    /** Whether {@code address} is in the range. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == network.getAddress().length
                && firstOf(bytes, prefixBits).equals(network);
    }

    private static InetAddress firstOf(byte[] address, int prefixBits) {
        byte[] first = address.clone();
        for (int bit = prefixBits; bit < first.length * 8; bit++) {
            first[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        try {
            return InetAddress.getByAddress(first);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + first.length + " bytes", e);
        }
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefixBits;
    }
}
