package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

final class SettingFlagsTest {
  private static final Setting<Integer> PORT =
      Setting.of("hooks.port", "8090", Parsers::port, "Port of the hooks.");
  private static final Setting<String> PUBLIC_URL =
      Setting.optional("public.url", Parsers::text, "Where people reach it.");

  private final SettingFlags flags = new SettingFlags(List.of(PORT, PUBLIC_URL));
  @TempDir private Path folder;

  private SettingSources parse(String... arguments) {
    CommandSpec command = CommandSpec.create();
    flags.addTo(command);
    return flags.sources(new CommandLine(command).parseArgs(arguments), Map.of());
  }

  @Test
  void aSettingIsAFlag() {
    // given
    // when
    SettingSources sources = parse("--hooks-port", "9090", "--public-url=https://a.example.org");

    // then
    assertThat(sources.settings().get(PORT)).isEqualTo(9090);
    assertThat(sources.settings().find(PUBLIC_URL)).contains("https://a.example.org");
  }

  @Test
  void aFlagIsStrongerThanTheFile() throws Exception {
    // given
    Path file = Files.writeString(folder.resolve("area.yaml"), "hooks:\n  port: 7070\n");

    // when
    SettingSources sources = parse("--config", file.toString(), "--hooks-port", "9090");

    // then
    assertThat(sources.settings().get(PORT)).isEqualTo(9090);
    assertThat(parse("--config", file.toString()).settings().get(PORT)).isEqualTo(7070);
  }

  @Test
  void aFileThatIsNotThereIsAProblem() {
    // given
    Path file = folder.resolve("missing.yaml");

    // when
    assertThatThrownBy(() -> parse("--config", file.toString()))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("--config");
  }

  @Test
  void everySettingOfUpIsAFlagOfUp() {
    // given
    CommandSpec up = UpCommand.commandLine().getCommandSpec();

    // when
    List<String> flagsOfUp = Platform.settings().stream().map(Setting::flag).toList();

    // then
    assertThat(flagsOfUp)
        .isNotEmpty()
        .allSatisfy(flag -> assertThat(up.findOption(flag)).isNotNull());
    assertThat(flagsOfUp).doesNotContain("--kafka-bootstrap-servers", "--database-url");
  }
}
