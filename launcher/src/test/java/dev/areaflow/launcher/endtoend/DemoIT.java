package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area demo --json} as its own process: what it prints, and what it leaves behind. */
class DemoIT {
  private static final long PATIENCE_MINUTES = 3;

  @Test
  void theDemonstrationPrintsOneDocumentAndLeavesNothing(@TempDir Path folder) throws Exception {
    // given
    String home = System.getProperty("area.home");
    Path printed = folder.resolve("printed.json");
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + temporary,
                "-Darea.home=" + home,
                "-cp",
                Path.of(home, "lib") + "/*",
                "dev.areaflow.launcher.Main",
                "demo",
                "--json")
            .redirectOutput(printed.toFile())
            .redirectError(folder.resolve("progress.log").toFile());

    // when
    Process demo = builder.start();
    boolean ended = demo.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      demo.destroy();
    }

    // then
    assertThat(ended).isTrue();
    assertThat(demo.exitValue()).as(Files.readString(folder.resolve("progress.log"))).isEqualTo(0);
    JsonNode report = new ObjectMapper().readTree(printed.toFile());
    assertThat(report.properties().stream().map(entry -> entry.getKey()))
        .contains("event", "command", "reaction", "run", "duplicate");
    assertThat(report.at("/run/status").asText()).isEqualTo("succeeded");
    assertThat(report.at("/reaction/headers/idempotency-key").asText())
        .isEqualTo(report.at("/command/id").asText());
    assertThat(report.at("/duplicate/reactions").asInt(-1)).isZero();
    try (Stream<Path> left = Files.list(temporary)) {
      List<Path> demos =
          left.filter(path -> path.getFileName().toString().startsWith("area-demo")).toList();
      assertThat(demos).isEmpty();
    }
  }
}
