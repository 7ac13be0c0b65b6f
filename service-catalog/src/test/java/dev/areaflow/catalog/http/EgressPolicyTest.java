package dev.areaflow.catalog.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be reached, address by address. */
final class EgressPolicyTest {
  private static final EgressPolicy PUBLIC_ONLY = EgressPolicy.of(List.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.1.2.3",
        "127.255.255.255",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a00:1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2002:c0a8:101::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff:ffff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "[::1]",
        "[::ffff:7f00:1]",
      })
  void specialAddressesAreBlocked(String address) {
    assertThatThrownBy(() -> resolve(PUBLIC_ONLY, address, 80))
        .isInstanceOf(BlockedTargetException.class)
        .hasMessageContaining("AREA_EGRESS_ALLOW");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0x0",
        "010.0.0.1",
        "127.0.0.1.2",
        "256.1.1.1",
        "localhost.127",
        "2130706433.",
        "0x7f.1.",
        "169.254.43518",
        "0xA9FEA9FE",
        "fe80::1%lo",
        "2a00:1450::1%1",
      })
  void oddNotationsOfAddressesAreBlockedUnresolved(String host) {
    EgressPolicy.HostAddresses unused =
        name -> {
          throw new AssertionError(name + " was resolved");
        };
    assertThatThrownBy(() -> PUBLIC_ONLY.resolve(host, 80, unused))
        .isInstanceOf(BlockedTargetException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8.",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "[2a00:1450:4001::1]",
      })
  void publicAddressesAreReachable(String address) throws Exception {
    assertThat(resolve(PUBLIC_ONLY, address, 8443)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST", "localhost.", "internal.example.org"})
  void namesAreJudgedByTheirAddresses(String name) {
    assertThatThrownBy(() -> PUBLIC_ONLY.resolve(name, 80, host -> addresses("127.0.0.1", "::1")))
        .isInstanceOf(BlockedTargetException.class)
        .hasMessageContaining("127.0.0.1")
        .hasMessageContaining("loopback");
  }

  @Test
  void aNameWithOnePrivateAddressAmongPublicOnesIsBlocked() {
    assertThatThrownBy(
            () ->
                PUBLIC_ONLY.resolve("mixed.example", 80, host -> addresses("8.8.8.8", "10.0.0.1")))
        .isInstanceOf(BlockedTargetException.class)
        .hasMessageContaining("mixed.example:80");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,             localhost,  80",
    "LocalHost.,            localhost,  80",
    "localhost:9000,        localhost,  9000",
    "127.0.0.1,             127.0.0.1,  80",
    "127.0.0.1:9000,        127.0.0.1,  9000",
    "127.0.0.0/8,           127.8.9.10, 80",
    "127.0.0.0/8,           localhost,  80",
    "10.0.0.0/8,            10.1.2.3,   80",
    "10.0.0.128/25,         10.0.0.200, 80",
    "0.0.0.0/0,             10.1.2.3,   80",
    "[::1]:9000,            [::1],      9000",
    "::1,                   [::1],      9000",
    "fd00::/8,              [fd00::7],  80",
    "127.0.0.1,             [::ffff:127.0.0.1], 80",
  })
  void whatIsAllowedIsReachable(String allow, String host, int port) throws Exception {
    // given
    EgressPolicy policy = EgressPolicy.of(List.of(allow));

    // when
    List<InetAddress> found =
        policy.resolve(
            host,
            port,
            name -> name.equals("localhost") ? addresses("127.0.0.1") : addresses(name));

    // then
    assertThat(found).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:9000,   localhost,  9001",
    "localhost,        otherhost,  80",
    "127.0.0.1:9000,   127.0.0.1,  80",
    "10.0.0.128/25,    10.0.0.100, 80",
    "10.0.0.0/8,       127.0.0.1,  80",
    "[::1]:9000,       [::1],      80",
    "10.0.0.0/8,       [64:ff9b::a00:1], 80",
    "10.0.0.0/8,       [2002:a00:1::1], 80",
  })
  void whatIsAllowedOpensNothingElse(String allow, String host, int port) {
    EgressPolicy policy = EgressPolicy.of(List.of(allow));
    assertThatThrownBy(
            () ->
                policy.resolve(
                    host,
                    port,
                    name -> name.endsWith("host") ? addresses("127.0.0.1") : addresses(name)))
        .isInstanceOf(BlockedTargetException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0.0/x",
        "example.org/8",
        "host:0",
        "host:99999",
        "host:x",
        "[::1",
        "[::1]x",
        "http://host",
        "ho st",
        "0x7f.1",
        "",
      })
  void entriesThatAreNoneOfTheFormsAreNamed(String entry) {
    assertThatThrownBy(() -> EgressPolicy.of(List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + entry + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9092,    127.0.0.1,          9092",
    "127.0.0.1:9092,    127.8.9.10,         9092",
    "127.0.0.1:9092,    [::1],              9092",
    "127.0.0.1:9092,    0.0.0.0,            9092",
    "127.0.0.1:9092,    [::ffff:127.0.0.1], 9092",
    "localhost:9092,    127.0.0.1,          9092",
    "127.0.0.1:9092,    localhost,          9092",
    "[::1]:9092,        127.0.0.1,          9092",
    "kafka:9092,        kafka,              9092",
    "kafka:9092,        KAFKA.,             9092",
    "kafka:9092,        10.0.0.7,           9092",
  })
  void whatIsDeniedIsNotReachableWhateverIsAllowed(String denied, String host, int port) {
    // given
    EgressPolicy policy =
        EgressPolicy.of(List.of("0.0.0.0/0", "::/0"))
            .without(List.of(EgressPolicy.Denied.parse(denied, "the platform's own Kafka")));

    // then
    assertThatThrownBy(() -> policy.resolve(host, port, EgressPolicyTest::named))
        .isInstanceOf(BlockedTargetException.class)
        .hasMessageContaining(":9092")
        .hasMessageContaining("the platform's own Kafka")
        .hasMessageNotContaining("AREA_EGRESS_ALLOW");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 9093", "10.0.0.8, 9092", "8.8.8.8, 9092"})
  void whatIsDeniedClosesNothingElse(String host, int port) throws Exception {
    // given
    EgressPolicy policy =
        EgressPolicy.of(List.of("0.0.0.0/0"))
            .without(
                List.of(
                    EgressPolicy.Denied.parse("127.0.0.1:9092", "the platform's own Kafka"),
                    EgressPolicy.Denied.parse("nowhere:9092", "the platform's own Kafka")));

    // then
    assertThat(policy.resolve(host, port, EgressPolicyTest::named)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "host:0", "host:x", ":80", "::1:80", "", "host:99999"})
  void aDeniedListenerIsAHostAndAPort(String text) {
    assertThatThrownBy(() -> EgressPolicy.Denied.parse(text, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected host:port");
  }

  private static List<InetAddress> named(String name) throws UnknownHostException {
    return switch (name) {
      case "localhost" -> addresses("127.0.0.1");
      case "kafka" -> addresses("10.0.0.7");
      case "nowhere" -> throw new UnknownHostException(name);
      default -> addresses(name);
    };
  }

  private static List<InetAddress> resolve(EgressPolicy policy, String host, int port)
      throws UnknownHostException, BlockedTargetException {
    return policy.resolve(host, port, name -> addresses(name));
  }

  private static List<InetAddress> addresses(String... literals) {
    return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
  }
}
