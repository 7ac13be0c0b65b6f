package dev.areaflow.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.areaflow.schemas.avro.Tick;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistrySerdesTest {
  private static final byte[] OF_SCHEMA_7 = {0, 0, 0, 0, 7, 2};

  @Test
  void aRegistryThatIsAwayIsAnOutage() throws IOException {
    // given
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var serde = new RegistrySerdes("http://127.0.0.1:" + port).values(Topics.TICKS);

    // then
    assertThatThrownBy(() -> serde.deserializer().deserialize("t", OF_SCHEMA_7))
        .isInstanceOf(RegistryUnavailableException.class);
    assertThatThrownBy(() -> serde.serializer().serialize("t", new Tick(Instant.EPOCH)))
        .isInstanceOf(RegistryUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 429, 500, 503})
  void aRegistryThatDoesNotServeIsAnOutage(int status) throws IOException {
    // given
    HttpServer registry = answering(status);
    var serde = new RegistrySerdes(address(registry)).values(Topics.TICKS);

    // then
    assertThatThrownBy(() -> serde.deserializer().deserialize("t", OF_SCHEMA_7))
        .isInstanceOf(RegistryUnavailableException.class);
    registry.stop(0);
  }

  @Test
  void aRegistryThatHangsUpIsAnOutage() throws IOException {
    // given
    try (ServerSocket registry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> hangUp(registry));
      String url = "http://127.0.0.1:" + registry.getLocalPort() + "/apis/registry/v3";
      var serde = new RegistrySerdes(url).values(Topics.TICKS);

      // then
      assertThatThrownBy(() -> serde.deserializer().deserialize("t", OF_SCHEMA_7))
          .isInstanceOf(RegistryUnavailableException.class);
      assertThatThrownBy(() -> serde.serializer().serialize("t", new Tick(Instant.EPOCH)))
          .isInstanceOf(RegistryUnavailableException.class);
    }
  }

  private static void hangUp(ServerSocket server) {
    try {
      while (!server.isClosed()) {
        try (Socket socket = server.accept()) {
          var _ = socket.getInputStream().read();
        }
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  @Test
  void aRecordOfAnUnknownSchemaIsNoOutage() throws IOException {
    // given
    HttpServer registry = answering(404);
    var serde = new RegistrySerdes(address(registry)).values(Topics.TICKS);

    // then
    assertThatThrownBy(() -> serde.deserializer().deserialize("t", OF_SCHEMA_7))
        .isNotInstanceOf(RegistryUnavailableException.class);
    registry.stop(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\0", "hello"})
  void aRecordWithoutASchemaIsNoOutage(String record) throws IOException {
    // given
    HttpServer registry = answering(404);
    var serde = new RegistrySerdes(address(registry)).values(Topics.TICKS);

    // then
    assertThatThrownBy(
            () -> serde.deserializer().deserialize("t", record.getBytes(StandardCharsets.UTF_8)))
        .isNotInstanceOf(RegistryUnavailableException.class);
    registry.stop(0);
  }

  @Test
  void aSchemaThatIsKnownIsNotAskedForAgain() {
    // when
    var period = RegistrySerdes.configuration("http://r").get("apicurio.registry.check-period-ms");

    // then
    assertThat(period)
        .isInstanceOfSatisfying(
            Duration.class, known -> assertThat(known).isGreaterThan(Duration.ofDays(365)));
  }

  @Test
  void aRecordWhoseBytesDoNotFitItsSchemaIsNoOutage() throws IOException {
    // given
    HttpServer registry =
        serving(
            request ->
                request.getPath().endsWith("/references")
                    ? new Answer(200, "[]")
                    : new Answer(200, Tick.getClassSchema().toString()));
    var serde = new RegistrySerdes(address(registry)).values(Topics.TICKS);
    byte[] endless = new byte[17];
    Arrays.fill(endless, (byte) 0xff);
    System.arraycopy(OF_SCHEMA_7, 0, endless, 0, 5);

    // then
    assertThatThrownBy(() -> serde.deserializer().deserialize("t", endless))
        .isNotInstanceOf(RegistryUnavailableException.class)
        .hasStackTraceContaining("InvalidNumberEncodingException");
    assertThat(serde.deserializer().deserialize("t", OF_SCHEMA_7))
        .isEqualTo(new Tick(Instant.ofEpochMilli(1)));
    registry.stop(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 409, 422})
  void aRefusedSchemaIsNamedAndNoOutage(int status) throws IOException {
    // given
    HttpServer registry =
        serving(
            request ->
                request.getPath().contains("/rules")
                    ? new Answer(200, "{\"config\":\"FULL_TRANSITIVE\"}")
                    : new Answer(status, "{\"title\":\"no\"}"));
    var serde = new RegistrySerdes(address(registry)).values(Topics.TICKS);

    // then
    assertThatThrownBy(() -> serde.serializer().serialize("area.ticks", new Tick(Instant.EPOCH)))
        .isInstanceOf(RefusedSchemaException.class)
        .hasMessageContaining("area.ticks-value")
        .hasMessageContaining("FULL_TRANSITIVE");
    registry.stop(0);
  }

  private static HttpServer answering(int status) throws IOException {
    return serving(request -> new Answer(status, "{\"title\":\"no\"}"));
  }

  private record Answer(int status, String body) {}

  private static HttpServer serving(Function<URI, Answer> answers) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Answer answer = answers.apply(exchange.getRequestURI());
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/apis/registry/v3";
  }
}
