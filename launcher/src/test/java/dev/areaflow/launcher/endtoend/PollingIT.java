package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list at a third party that is polled, on the whole platform. */
class PollingIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One interval and a half, which is the longest between the first two polls, and the work. */
  private static final Duration NEXT_POLL = Duration.ofMinutes(2);

  @TempDir private static Path folder;
  private final CountDownLatch polled = new CountDownLatch(1);
  private volatile String list = "[{\"id\":1,\"name\":\"old\"}]";

  @Test
  void whatIsNewInAListIsPostedOnceEachAndWhatWasThereIsNot() throws Exception {
    HttpServer provider = provider();
    String authority = "127.0.0.1:" + provider.getAddress().getPort();
    try (RecordingSink sink = new RecordingSink();
        ProgramProcess program =
            ProgramProcess.start(folder, "--egress-allow", sink.authority() + "," + authority)) {
      // given
      AreaClient owner = program.client().signUp("polls@example.org", "correct horse battery");
      Areas.createLive(
          owner,
          Areas.posting(
              "Orders",
              "http",
              "new_item",
              Areas.inputs().put("url", URI.create("http://" + authority + "/list").toString()),
              sink.address("/orders"),
              JSON.readTree("{\"name\": \"${event.name}\"}")));
      assertThat(polled.await(60, TimeUnit.SECONDS)).isTrue();

      // when
      list = "[{\"id\":1,\"name\":\"old\"},{\"id\":2,\"name\":\"a\"},{\"id\":3,\"name\":\"b\"}]";

      // then
      assertThat(sink.awaitCalls("/orders", 2, NEXT_POLL))
          .extracting(RecordingSink.Call::body)
          .containsExactlyInAnyOrder("{\"name\":\"a\"}", "{\"name\":\"b\"}");
    } finally {
      provider.stop(0);
    }
  }

  private HttpServer provider() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/list",
        exchange -> {
          byte[] bytes = list.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
          polled.countDown();
        });
    server.start();
    return server;
  }
}
