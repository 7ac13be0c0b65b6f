package dev.areaflow.catalog.http;

import java.net.IDN;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Which addresses requests may reach: public ones, and what an operator allows, but never what is
 * denied: the platform's own Kafka, database and registry, whose doors an allowed {@code 127.0.0.1}
 * would open to everyone's reactions. It judges resolved addresses, so a name that leads to a
 * private address is judged by that address. Immutable and safe for several threads.
 */
public final class EgressPolicy {

  /** Ranges that are not the public internet, with their names in error messages. */
  private static final List<Special> SPECIAL =
      List.of(
          special("0.0.0.0/8", "this network"),
          special("10.0.0.0/8", "private"),
          special("100.64.0.0/10", "carrier-grade NAT"),
          special("127.0.0.0/8", "loopback"),
          special("169.254.0.0/16", "link-local, metadata services"),
          special("172.16.0.0/12", "private"),
          special("192.0.0.0/24", "protocol assignments"),
          special("192.0.2.0/24", "documentation"),
          special("192.88.99.0/24", "6to4 relay"),
          special("192.168.0.0/16", "private"),
          special("198.18.0.0/15", "benchmarking"),
          special("198.51.100.0/24", "documentation"),
          special("203.0.113.0/24", "documentation"),
          special("224.0.0.0/4", "multicast"),
          special("240.0.0.0/4", "reserved"),
          special("::/128", "unspecified"),
          special("::1/128", "loopback"),
          special("::/96", "IPv4-compatible"),
          special("64:ff9b::/96", "NAT64"),
          special("64:ff9b:1::/48", "NAT64"),
          special("100::/64", "discard"),
          special("2001::/32", "Teredo"),
          special("2001::/23", "protocol assignments"),
          special("2001:db8::/32", "documentation"),
          special("2002::/16", "6to4"),
          special("3fff::/20", "documentation"),
          special("5f00::/16", "segment routing"),
          special("fc00::/7", "private"),
          special("fe80::/10", "link-local"),
          special("fec0::/10", "site-local"),
          special("ff00::/8", "multicast"));

  /** All of IPv6 that is given out as public addresses. */
  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  /** A host that ends like this is an IPv4 address in some notation to at least one resolver. */
  private static final Pattern NUMERIC_END = Pattern.compile("(^|.*\\.)(0[xX][0-9a-fA-F]*|[0-9]+)");

  private static final Pattern DOTTED_QUAD =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");

  private final List<Allowed> allowed;
  private final List<Denied> denied;

  private EgressPolicy(List<Allowed> allowed, List<Denied> denied) {
    this.allowed = List.copyOf(allowed);
    this.denied = List.copyOf(denied);
  }

  /**
   * A listener that no request may reach.
   *
   * @param host its name or address
   * @param port its port
   * @param what what listens there, for messages
   */
  public record Denied(String host, int port, String what) {
    public Denied {
      host = normalized(host);
      if (host.isEmpty() || port < 1 || port > 65_535) {
        throw new IllegalArgumentException(
            "expected host:port, e.g. kafka:9092, found \"" + host + ":" + port + "\"");
      }
    }

    /**
     * Reads {@code host:port}.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static Denied parse(String hostAndPort, String what) {
      String text = hostAndPort.strip();
      int colon = text.lastIndexOf(':');
      try {
        if (colon > 0 && (text.startsWith("[") || text.indexOf(':') == colon)) {
          return new Denied(
              text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)), what);
        }
      } catch (NumberFormatException e) {
        // falls through to the one message below
      }
      throw new IllegalArgumentException(
          "expected host:port, e.g. kafka:9092, found \"" + hostAndPort + "\"");
    }
  }

  /** The same policy without what is listed, which no entry of the allowed ones opens. */
  public EgressPolicy without(List<Denied> listeners) {
    List<Denied> all = new ArrayList<>(denied);
    all.addAll(listeners);
    return new EgressPolicy(allowed, all);
  }

  /** A range that is not the public internet. */
  private record Special(Network network, String name) {}

  private static Special special(String network, String name) {
    return new Special(Network.parse(network), name);
  }

  /** One entry of the list: hosts by name or by network. */
  private sealed interface Allowed {
    record Host(String name, OptionalInt port) implements Allowed {}

    record Addresses(Network network, OptionalInt port) implements Allowed {}
  }

  /**
   * Public addresses, and what is listed.
   *
   * @param allow hosts, addresses, networks ({@code 10.1.0.0/16}), each of the first two also with
   *     a port ({@code localhost:9000}, {@code [::1]:9000})
   * @throws IllegalArgumentException naming the entry that is none of these
   */
  public static EgressPolicy of(List<String> allow) {
    List<Allowed> allowed = new ArrayList<>();
    for (String entry : allow) {
      try {
        allowed.add(parse(entry.strip()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "expected a host, host:port, an address or a network such as 10.1.0.0/16, found \""
                + entry
                + "\"",
            e);
      }
    }
    return new EgressPolicy(allowed, List.of());
  }

  private static Allowed parse(String entry) {
    if (entry.indexOf('/') >= 0) {
      return new Allowed.Addresses(Network.parse(entry), OptionalInt.empty());
    }
    if (entry.startsWith("[")) {
      int end = entry.indexOf(']');
      if (end < 0 || (end + 1 < entry.length() && entry.charAt(end + 1) != ':')) {
        throw new IllegalArgumentException("unclosed bracket");
      }
      OptionalInt port =
          end + 1 == entry.length() ? OptionalInt.empty() : port(entry.substring(end + 2));
      return new Allowed.Addresses(Network.parse(entry.substring(1, end)), port);
    }
    int colon = entry.indexOf(':');
    if (colon >= 0 && colon != entry.lastIndexOf(':')) {
      return new Allowed.Addresses(Network.parse(entry), OptionalInt.empty());
    }
    OptionalInt port = colon < 0 ? OptionalInt.empty() : port(entry.substring(colon + 1));
    String host = normalized(colon < 0 ? entry : entry.substring(0, colon));
    if (NUMERIC_END.matcher(host).matches()) {
      return new Allowed.Addresses(Network.parse(host), port);
    }
    if (!host.matches("[a-z0-9]([a-z0-9_.-]*[a-z0-9])?")) {
      throw new IllegalArgumentException("not a host name");
    }
    return new Allowed.Host(host, port);
  }

  private static OptionalInt port(String text) {
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a port");
    }
    return OptionalInt.of(port);
  }

  /**
   * A host as it is compared: lower case, without brackets and the root's dot, and an international
   * name as it is registered ({@code xn--…}).
   */
  private static String normalized(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (!name.chars().allMatch(c -> c < 0x80)) {
      try {
        name = IDN.toASCII(name).toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        // no name that is registered anywhere; its resolver will say so
      }
    }
    if (name.startsWith("[") && name.endsWith("]")) {
      name = name.substring(1, name.length() - 1);
    }
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /**
   * The addresses of a host, if a request may be sent to every one of them. A name that leads to
   * permitted and forbidden addresses at once is refused whole: which one is connected to would be
   * luck.
   *
   * @param host as it stands in a URL
   * @param addresses finds the addresses of a name
   * @throws BlockedTargetException if it may not be reached
   * @throws UnknownHostException if it has no address
   */
  List<InetAddress> resolve(String host, int port, HostAddresses addresses)
      throws UnknownHostException, BlockedTargetException {
    String name = normalized(host);
    String target = target(name, port);
    if (name.indexOf('%') >= 0) {
      throw new BlockedTargetException(target, "an address with a zone");
    }
    if (name.indexOf(':') < 0
        && NUMERIC_END.matcher(name).matches()
        && !DOTTED_QUAD.matcher(name).matches()) {
      throw new BlockedTargetException(target, "an IPv4 address in an ambiguous notation");
    }
    List<InetAddress> found = addresses.of(name);
    refuseDenied(name, port, found, addresses);
    for (InetAddress address : found) {
      Optional<String> special = special(address);
      if (special.isPresent() && !allows(name, port, address)) {
        throw new BlockedTargetException(
            target, "leads to " + address.getHostAddress() + " (" + special.get() + ")");
      }
    }
    return found;
  }

  private void refuseDenied(String name, int port, List<InetAddress> found, HostAddresses addresses)
      throws BlockedTargetException {
    for (Denied listener : denied) {
      if (listener.port != port) {
        continue;
      }
      List<InetAddress> its = addressesOf(listener, addresses);
      boolean same =
          listener.host.equals(name)
              || found.stream().anyMatch(its::contains)
              || (found.stream().anyMatch(EgressPolicy::isHere)
                  && its.stream().anyMatch(EgressPolicy::isHere));
      if (same) {
        throw BlockedTargetException.denied(target(name, port), listener.what);
      }
    }
  }

  /** A listener without an address now is still known by its name. */
  private static List<InetAddress> addressesOf(Denied listener, HostAddresses addresses) {
    try {
      return addresses.of(listener.host);
    } catch (UnknownHostException e) {
      return List.of();
    }
  }

  /** Whether an address leads to this machine; a listener here may listen on any of them. */
  private static boolean isHere(InetAddress address) {
    try {
      return address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private static String target(String name, int port) {
    return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
  }

  /** The name of the special range that an address lies in. */
  static Optional<String> special(InetAddress address) {
    for (Special special : SPECIAL) {
      if (special.network.contains(address)) {
        return Optional.of(special.name);
      }
    }
    return address instanceof Inet6Address && !GLOBAL_UNICAST.contains(address)
        ? Optional.of("not a public address")
        : Optional.empty();
  }

  private boolean allows(String name, int port, InetAddress address) {
    for (Allowed entry : allowed) {
      boolean fits =
          switch (entry) {
            case Allowed.Host(String host, OptionalInt only) ->
                host.equals(name) && (only.isEmpty() || only.getAsInt() == port);
            case Allowed.Addresses(Network network, OptionalInt only) ->
                network.contains(address) && (only.isEmpty() || only.getAsInt() == port);
          };
      if (fits) {
        return true;
      }
    }
    return false;
  }

  /** Finds the addresses of a name; a literal address is its own. */
  @FunctionalInterface
  interface HostAddresses {
    List<InetAddress> of(String name) throws UnknownHostException;

    /** As the machine resolves names. */
    static List<InetAddress> system(String name) throws UnknownHostException {
      return List.of(InetAddress.getAllByName(name));
    }
  }
}
