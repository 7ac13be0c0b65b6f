package dev.areaflow.launcher.cli.runs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunNewsTest {
  @Test
  void newRunsAndChangesOfStatusAreNewsOnce() {
    // given
    RunNews news = new RunNews();

    // when, then
    assertThat(news.of(List.of(run("b", "running"), run("a", "succeeded"))))
        .extracting(run -> run.path("id").asText())
        .containsExactly("a", "b");
    assertThat(news.of(List.of(run("b", "running"), run("a", "succeeded")))).isEmpty();
    assertThat(news.of(List.of(run("c", "queued"), run("b", "succeeded"), run("a", "succeeded"))))
        .extracting(run -> run.path("id").asText() + " " + run.path("status").asText())
        .containsExactly("b succeeded", "c queued");
    assertThat(news.knows(run("a", "failed"))).isTrue();
    assertThat(news.knows(run("d", "failed"))).isFalse();
  }

  private static JsonNode run(String id, String status) {
    return JsonNodeFactory.instance.objectNode().put("id", id).put("status", status);
  }
}
