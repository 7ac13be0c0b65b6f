package dev.areaflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServicesReportTest {
  @Test
  void whatMissesItsTargetIsSaid() {
    // given
    Latency late = new Latency(1_000, 100, 200, 2_001, 3_000);
    ServicesReport report =
        new ServicesReport(
            new Machine(2, "a processor", 4, "Linux", "25"),
            500,
            2,
            new Punctuality(1_000, 0, 0, late),
            1,
            500,
            0,
            0,
            late,
            0.25,
            new ProcessTree.Memory(800, 1_000));

    // when
    String table = report.table();

    // then
    assertThat(table)
        .contains(
            "| turns of 1000 missed | 0 | 0 | yes |",
            "| hooks failing at the end | 1 | 0 | no |",
            "| lateness of a poll p99, ms | 2001 | ≤ 2000 | no |",
            "| processors in use, all processes | 0.25 |  |  |",
            "500 hooks polled once a minute, 2 minutes");
    assertThat(Wire.line(report)).contains("\"missed\":0", "\"failing\":1", "\"p99\":2001.0");
  }
}
