package dev.areaflow.catalog.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GuardedHttpClientTest {
  private static final EgressPolicy LOOPBACK = EgressPolicy.of(List.of("127.0.0.0/8"));

  @Test
  void aRequestArrivesAsItWasMade() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nok");
        GuardedHttpClient client = client(LOOPBACK)) {
      // when
      OutboundResponse response =
          client.send(
              new OutboundRequest(
                  "POST",
                  server.uri("/in?a=b%20c"),
                  Map.of("Content-Type", "application/json", "Idempotency-Key", "k-1"),
                  Optional.of("{}".getBytes(UTF_8))));

      // then
      assertThat(response.status()).isEqualTo(201);
      assertThat(response.headers()).containsEntry("x-a", "1, 2");
      assertThat(new String(response.body(), UTF_8)).isEqualTo("ok");
      assertThat(server.requests().getFirst())
          .startsWith("POST /in?a=b%20c HTTP/1.1\r\n")
          .contains(
              "Content-Type: application/json\r\n",
              "Idempotency-Key: k-1\r\n",
              "Content-Length: 2\r\n",
              "Host: 127.0.0.1:" + server.port() + "\r\n",
              "Accept-Encoding: identity\r\n")
          .doesNotContain("Upgrade:")
          .endsWith("\r\n\r\n{}");
    }
  }

  @Test
  void connectionsAreReused() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        GuardedHttpClient client = client(LOOPBACK)) {
      // when
      for (int i = 0; i < 20; i++) {
        client.send(get(server.uri("/")));
      }

      // then
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aPrivateTargetIsBlockedBeforeAnythingIsSent() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        GuardedHttpClient client = client(EgressPolicy.of(List.of()))) {
      assertThatThrownBy(() -> client.send(get(server.uri("/"))))
          .isInstanceOf(BlockedTargetException.class)
          .hasMessageContaining("127.0.0.1:" + server.port())
          .hasMessageContaining("AREA_EGRESS_ALLOW");
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void aNameThatTurnsPrivateAfterItWasJudgedIsNotAskedAgain() throws Exception {
    // given a name server that answers a public address first and a private one from then on
    AtomicInteger answers = new AtomicInteger();
    EgressPolicy.HostAddresses rebinding =
        name ->
            List.of(
                InetAddress.ofLiteral(answers.getAndIncrement() == 0 ? "192.0.2.1" : "127.0.0.1"));
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        GuardedHttpClient client =
            new GuardedHttpClient(
                config(EgressPolicy.of(List.of("192.0.2.0/24")), Duration.ofMillis(500), 1024),
                rebinding)) {
      // when
      assertThatThrownBy(
              () -> client.send(get(URI.create("http://rebind.example:" + server.port() + "/"))))
          .isInstanceOf(IOException.class);

      // then
      assertThat(answers).hasValue(1);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void eachNewConnectionIsJudgedAgain() throws Exception {
    // given
    AtomicInteger answers = new AtomicInteger();
    EgressPolicy.HostAddresses rebinding =
        name ->
            List.of(
                InetAddress.ofLiteral(answers.getAndIncrement() == 0 ? "127.0.0.1" : "127.0.0.2"));
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        GuardedHttpClient client =
            new GuardedHttpClient(
                config(EgressPolicy.of(List.of("127.0.0.1")), Duration.ofSeconds(5), 1024),
                rebinding)) {
      URI uri = URI.create("http://rebind.example:" + server.port() + "/");

      // when
      client.send(get(uri));

      // then
      assertThatThrownBy(() -> client.send(get(uri)))
          .isInstanceOf(BlockedTargetException.class)
          .hasMessageContaining("rebind.example");
    }
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n");
        GuardedHttpClient client = client(LOOPBACK)) {
      // when
      OutboundResponse response = client.send(get(server.uri("/")));

      // then
      assertThat(response.status()).isEqualTo(302);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void aLongAnswerIsCutOffAndItsConnectionNotReused() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(5000));
        GuardedHttpClient client =
            new GuardedHttpClient(config(LOOPBACK, Duration.ofSeconds(5), 1024))) {
      // when
      OutboundResponse first = client.send(get(server.uri("/")));
      client.send(get(server.uri("/")));

      // then
      assertThat(first.body()).hasSize(1024);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void anAnswerOfExactlyTheLimitIsWhole() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + "x".repeat(1024));
        GuardedHttpClient client =
            new GuardedHttpClient(config(LOOPBACK, Duration.ofSeconds(5), 1024))) {
      assertThat(client.send(get(server.uri("/"))).body()).hasSize(1024);
    }
  }

  @Test
  void aCompressedAnswerIsNotInflated() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd");
        GuardedHttpClient client = client(LOOPBACK)) {
      assertThat(new String(client.send(get(server.uri("/"))).body(), ISO_8859_1))
          .isEqualTo("abcd");
    }
  }

  @Test
  void anAnswerThatTricklesEndsWithTheCallsTime() throws Exception {
    // given a server that sends a byte now and then, each in time for any read timeout
    try (ScriptedServer server = ScriptedServer.trickling();
        GuardedHttpClient client =
            new GuardedHttpClient(config(LOOPBACK, Duration.ofMillis(600), 1024))) {
      long start = System.nanoTime();

      // when
      assertThatThrownBy(() -> client.send(get(server.uri("/"))))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("PT0.6S");

      // then
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void aConnectionThatDoesNotOpenSaysSo() throws Exception {
    // given a listener whose queue of connections is full
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      List<Socket> queue = new ArrayList<>();
      try (GuardedHttpClient client =
          new GuardedHttpClient(
              new HttpClientConfig(
                  LOOPBACK, Duration.ofMillis(200), Duration.ofSeconds(5), 1024, 100, 50))) {
        for (int i = 0; i < 3; i++) {
          queue.add(connecting(full.getLocalPort()));
        }

        // then
        assertThatThrownBy(
                () -> client.send(get(URI.create("http://127.0.0.1:" + full.getLocalPort() + "/"))))
            .isInstanceOf(HttpConnectTimeoutException.class)
            .hasMessage("no connection within PT0.2S");
      } finally {
        for (Socket socket : queue) {
          socket.close();
        }
      }
    }
  }

  private static Socket connecting(int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 100);
    } catch (SocketTimeoutException e) {
      // so the queue is full
    }
    return socket;
  }

  @Test
  void aHandshakeThatHangsIsNoConnection() throws Exception {
    try (ScriptedServer server = new ScriptedServer("");
        GuardedHttpClient client =
            new GuardedHttpClient(
                new HttpClientConfig(
                    LOOPBACK, Duration.ofMillis(200), Duration.ofSeconds(5), 1024, 100, 50))) {
      assertThatThrownBy(
              () -> client.send(get(URI.create("https://127.0.0.1:" + server.port() + "/"))))
          .isInstanceOf(HttpConnectTimeoutException.class)
          .hasMessage("no connection within PT0.2S");
    }
  }

  @Test
  void theSocksProxyOfTheMachineIsNotUsed() throws Exception {
    // given a proxy where nobody listens
    System.setProperty("socksProxyHost", "127.0.0.1");
    System.setProperty("socksProxyPort", "1");
    System.setProperty("socksNonProxyHosts", "");
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        GuardedHttpClient client = client(LOOPBACK)) {
      // when
      OutboundResponse response = client.send(get(server.uri("/")));

      // then
      assertThat(response.status()).isEqualTo(200);
    } finally {
      System.clearProperty("socksProxyHost");
      System.clearProperty("socksProxyPort");
      System.clearProperty("socksNonProxyHosts");
    }
  }

  @Test
  void anInternationalNameIsAskedForAsItIsRegistered() throws Exception {
    // given
    List<String> asked = new ArrayList<>();
    EgressPolicy.HostAddresses noting =
        name -> {
          asked.add(name);
          return List.of(InetAddress.ofLiteral("127.0.0.1"));
        };
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        GuardedHttpClient client =
            new GuardedHttpClient(
                config(
                    EgressPolicy.of(List.of("xn--bcher-kva.example")), Duration.ofSeconds(5), 1024),
                noting)) {
      // when
      OutboundResponse response =
          client.send(get(URI.create("http://xn--bcher-kva.example:" + server.port() + "/")));

      // then
      assertThat(response.status()).isEqualTo(200);
      assertThat(asked).containsOnly("xn--bcher-kva.example");
    }
  }

  @Test
  void aServerThatSaysNothingTimesOut() throws Exception {
    try (ScriptedServer server = new ScriptedServer("");
        GuardedHttpClient client =
            new GuardedHttpClient(config(LOOPBACK, Duration.ofMillis(300), 1024))) {
      assertThatThrownBy(() -> client.send(get(server.uri("/"))))
          .isInstanceOf(HttpTimeoutException.class);
    }
  }

  @Test
  void endlessHeadersAreAnError() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer("HTTP/1.1 200 OK\r\n" + "X-A: 1\r\n".repeat(1000) + "\r\n");
        GuardedHttpClient client = client(LOOPBACK)) {
      assertThatThrownBy(() -> client.send(get(server.uri("/")))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anAnswerThatBreaksOffIsAnError() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.closing("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        GuardedHttpClient client = client(LOOPBACK)) {
      assertThatThrownBy(() -> client.send(get(server.uri("/")))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRefusedConnectionAndAnUnknownNameAreErrors() throws Exception {
    int closedPort;
    try (ScriptedServer server = new ScriptedServer("")) {
      closedPort = server.port();
    }
    EgressPolicy.HostAddresses nobody =
        name -> {
          throw new UnknownHostException(name);
        };
    try (GuardedHttpClient client = client(LOOPBACK);
        GuardedHttpClient lost =
            new GuardedHttpClient(config(LOOPBACK, Duration.ofSeconds(5), 1024), nobody)) {
      assertThatThrownBy(() -> client.send(get(URI.create("http://127.0.0.1:" + closedPort + "/"))))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(BlockedTargetException.class);
      assertThatThrownBy(() -> lost.send(get(URI.create("http://nowhere.example/"))))
          .isInstanceOf(UnknownHostException.class)
          .isNotInstanceOf(BlockedTargetException.class);
    }
  }

  @Test
  void anInterruptGivesTheCallUp() throws Exception {
    try (ScriptedServer server = new ScriptedServer("");
        GuardedHttpClient client = client(LOOPBACK);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<OutboundResponse> call = threads.submit(() -> client.send(get(server.uri("/"))));
      server.awaitRequest();

      // when
      threads.shutdownNow();

      // then
      assertThatThrownBy(call::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aPostWithoutABodySaysSo() throws Exception {
    try (ScriptedServer server = new ScriptedServer("HTTP/1.1 204 No Content\r\n\r\n");
        GuardedHttpClient client = client(LOOPBACK)) {
      // when
      client.send(new OutboundRequest("POST", server.uri("/"), Map.of(), Optional.empty()));

      // then
      assertThat(server.requests().getFirst()).contains("Content-Length: 0\r\n");
    }
  }

  @Test
  void whetherARequestLeftIsKnownWhenItsCallHasFailed() throws Exception {
    try (ScriptedServer trickling = ScriptedServer.trickling();
        ScriptedServer closing = ScriptedServer.closing("");
        GuardedHttpClient client = client(LOOPBACK)) {
      int deaf;
      try (java.net.ServerSocket closed = new java.net.ServerSocket(0)) {
        deaf = closed.getLocalPort();
      }

      // when
      Departure refused = departure(client, URI.create("http://127.0.0.1:" + deaf + "/"));
      Departure unknown = departure(client, URI.create("http://nobody.invalid/"));
      Departure silent = departure(client, trickling.uri("/"));
      Departure broken = departure(client, closing.uri("/"));

      // then
      assertThat(refused.isLeft()).isFalse();
      assertThat(unknown.isLeft()).isFalse();
      assertThat(silent.isLeft()).isTrue();
      assertThat(broken.isLeft()).isTrue();
    }
  }

  private static Departure departure(GuardedHttpClient client, URI target) {
    Departure departure = new Departure();
    OutboundRequest request = new OutboundRequest("GET", target, Map.of(), Optional.empty());
    assertThatThrownBy(() -> client.send(request, Duration.ofMillis(500), departure))
        .isInstanceOf(IOException.class);
    return departure;
  }

  @Test
  void whatWasGivenUpDoesNotLeaveAnyMore() {
    // given
    Departure departure = new Departure();

    // when
    departure.giveUp();

    // then
    assertThat(departure.leave()).isFalse();
    assertThat(departure.isLeft()).isFalse();
  }

  @Test
  void aCallMayHaveLessTimeOrMoreThanTheOthers() throws Exception {
    try (ScriptedServer trickling = ScriptedServer.trickling();
        GuardedHttpClient client = client(LOOPBACK)) {
      OutboundRequest request =
          new OutboundRequest("GET", trickling.uri("/"), Map.of(), Optional.empty());

      // when, then
      for (Duration timeout : List.of(Duration.ofMillis(100), Duration.ofMillis(1_500))) {
        assertThatThrownBy(() -> client.send(request, timeout, new Departure()))
            .isInstanceOf(java.net.http.HttpTimeoutException.class)
            .hasMessage("no complete answer within " + timeout);
      }
    }
  }

  private static GuardedHttpClient client(EgressPolicy policy) {
    return new GuardedHttpClient(config(policy, Duration.ofSeconds(10), 64 * 1024));
  }

  private static HttpClientConfig config(
      EgressPolicy policy, Duration callTimeout, int maxResponseBytes) {
    return new HttpClientConfig(
        policy, Duration.ofSeconds(5), callTimeout, maxResponseBytes, 100, 50);
  }

  private static OutboundRequest get(URI uri) {
    return new OutboundRequest("GET", uri, Map.of(), Optional.empty());
  }
}
