package dev.areaflow.launcher.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FileNamesTest {
  @Test
  void namesBecomeFileNamesEachOnce() {
    // given
    FileNames names = new FileNames();

    // when, then
    assertThat(names.of("Bug triage")).isEqualTo("bug-triage");
    assertThat(names.of("  Bug: triage! ")).isEqualTo("bug-triage-2");
    assertThat(names.of("Café → été")).isEqualTo("cafe-ete");
    assertThat(names.of("../../etc/passwd")).isEqualTo("etc-passwd");
    assertThat(names.of("日本")).isEqualTo("area");
    assertThat(names.of("日本")).isEqualTo("area-2");
    assertThat(names.of("x".repeat(200))).hasSize(80);
  }
}
