package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.areaflow.schemas.config.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role where there is no Kafka; with one it is tested end to end. */
final class TopologyRoleTest {
  @TempDir private Path stateDir;

  @Test
  void aRoleThatNeverStartedIsClosedAllTheSame() {
    // given
    TopologyRole role =
        new TopologyRole(
            TopologyConfig.from(
                Settings.of(
                    Map.of(
                        "kafka.bootstrap-servers",
                        "127.0.0.1:1",
                        "registry.url",
                        "http://127.0.0.1:1/apis/registry/v3",
                        "state.dir",
                        stateDir.toString()))),
            new SimpleMeterRegistry());

    // when, then
    assertThatCode(role::close).doesNotThrowAnyException();
  }
}
