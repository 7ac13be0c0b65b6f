package dev.areaflow.catalog.http;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of addresses, for example {@code 10.0.0.0/8}. An IPv4 network never contains an IPv6
 * address, save that Java reads v4-mapped ones as IPv4.
 *
 * @param prefix the address with all bits beyond the prefix zero
 * @param bits how many bits the prefix has
 */
@SuppressWarnings("ArrayRecordComponent") // private to the package, never compared
record Network(byte[] prefix, int bits) {

  /**
   * Reads an address, or one with a prefix length.
   *
   * @throws IllegalArgumentException if it is neither; host names are neither
   */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    byte[] address =
        InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
    int most = address.length * 8;
    int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException("prefix length beyond " + most);
    }
    for (int bit = bits; bit < most; bit++) {
      address[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return new Network(address, bits);
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != prefix.length) {
      return false;
    }
    int whole = bits / 8;
    if (!Arrays.equals(bytes, 0, whole, prefix, 0, whole)) {
      return false;
    }
    int rest = bits % 8;
    return rest == 0 || (bytes[whole] & (0xff00 >> rest) & 0xff) == (prefix[whole] & 0xff);
  }
}
