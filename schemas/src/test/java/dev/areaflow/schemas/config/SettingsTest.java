package dev.areaflow.schemas.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  private static final Setting<Integer> PORT =
      Setting.of("hooks.port", "8090", Parsers::port, "Port.");
  private static final Setting<String> NAME =
      Setting.required("a-b.name", Parsers::text, "A name.");
  private static final Setting<String> NICKNAME =
      Setting.optional("nickname", Parsers::text, "Another name.");

  @TempDir private Path folder;

  @Test
  void flagsAreStrongerThanTheEnvironmentThatIsStrongerThanTheFileThatIsStrongerThanDefaults() {
    // given
    Map<String, String> flags = Map.of("hooks.port", "1");
    Map<String, String> environment = Map.of("AREA_HOOKS_PORT", "2");
    Map<String, String> file = Map.of("hooks.port", "3");

    // then
    assertThat(new Settings(flags, environment, file).get(PORT)).isEqualTo(1);
    assertThat(new Settings(Map.of(), environment, file).get(PORT)).isEqualTo(2);
    assertThat(new Settings(Map.of(), Map.of(), file).get(PORT)).isEqualTo(3);
    assertThat(Settings.of(Map.of()).get(PORT)).isEqualTo(8090);
  }

  @Test
  void aBlankTextIsNotGiven() {
    // given
    Settings settings = new Settings(Map.of(), Map.of("AREA_HOOKS_PORT", " "), Map.of());

    // then
    assertThat(settings.get(PORT)).isEqualTo(8090);
    assertThat(settings.find(NICKNAME)).isEmpty();
  }

  @Test
  void allProblemsAreReportedTogetherEachWithItsKeyAndRemedy() {
    // given
    Settings settings =
        new Settings(Map.of("hooks.port", "many"), Map.of(), Map.of("hooks.prot", "1"));

    // then
    assertThatThrownBy(() -> settings.check(List.of(PORT, NAME)))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("hooks.port is \"many\": expected a whole number")
        .hasMessageContaining("a-b.name is required; set AREA_A_B_NAME, --a-b-name or the key")
        .hasMessageContaining("hooks.prot is not a setting");
  }

  @Test
  void theTextOfAConfidentialSettingIsNotShown() {
    // given
    Setting<Integer> confidential = PORT.asConfidential();
    Settings settings = Settings.of(Map.of("hooks.port", "topsecret"));

    // then
    assertThatThrownBy(() -> settings.check(List.of(confidential)))
        .hasMessageContaining("hooks.port is not usable: expected a whole number")
        .hasMessageNotContaining("topsecret");
  }

  @Test
  void aSecretPrintsAsStars() {
    assertThat(new Secret("topsecret")).hasToString("***");
    assertThat("" + Parsers.secret("topsecret")).isEqualTo("***");
  }

  @Test
  void aFileIsFlattened() throws IOException {
    // when
    Map<String, String> values =
        read("hooks:\n  port: 8091\nhooks.rate: 7\negress.allow: [localhost, 10.0.0.0/8]\n");

    // then
    assertThat(values)
        .isEqualTo(
            Map.of(
                "hooks.port", "8091",
                "hooks.rate", "7",
                "egress.allow", "localhost,10.0.0.0/8"));
  }

  @Test
  void aKeyWithoutAValueIsNotGiven() throws IOException {
    // when
    Map<String, String> values = read("hooks.port:\nhooks:\n  rate: ~\n");

    // then
    assertThat(new Settings(Map.of(), Map.of(), values).get(PORT)).isEqualTo(8090);
    assertThat(values).isEqualTo(Map.of("hooks.port", "", "hooks.rate", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`hooks.port: 1\nhooks.port: 2\n` | hooks.port",
        "`hooks.port: 1\nhooks:\n  port: 2\n` | hooks.port is given twice",
        "`egress.allow: [{a: 1}]\n` | egress.allow: expected a list of plain values",
        "`egress.allow: [[a]]\n` | egress.allow: expected a list of plain values",
        "`egress.allow: [a, ~]\n` | egress.allow: expected a list of plain values",
        "`- a\n` | expected a mapping",
      })
  void aFileThatIsNotOneTextPerKeyIsRefused(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  private Map<String, String> read(String yaml) throws IOException {
    return Settings.readFile(Files.writeString(folder.resolve("area.yaml"), yaml));
  }
}
