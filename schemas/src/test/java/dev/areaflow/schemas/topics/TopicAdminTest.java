package dev.areaflow.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TopicAdminTest {

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void aTopicOfThreeCopiesAcknowledgesOnlyWhatTwoHave(int copies, boolean two) {
    // given
    TopicAdmin topics =
        new TopicAdmin(
            unused(), new TopicSettings("k:9092", "http://r/apis/registry/v3", 4, copies, 1));

    // when
    Map<String, String> configuration = topics.newTopic(Topics.EVENTS).configs();

    // then
    assertThat(configuration.containsKey("min.insync.replicas")).isEqualTo(two);
    assertThat(configuration.getOrDefault("min.insync.replicas", "2")).isEqualTo("2");
  }

  private static Admin unused() {
    return (Admin)
        Proxy.newProxyInstance(
            Admin.class.getClassLoader(),
            new Class<?>[] {Admin.class},
            (proxy, method, arguments) -> {
              throw new AssertionError(method + " was called");
            });
  }
}
