package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.HookActivity;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class HookActivityReporterTest {
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:00Z");

  private final HookTallies tallies = new HookTallies(10);
  private final Fake reports = new Fake();
  private final HookActivityReporter reporter = new HookActivityReporter(tallies, reports);

  @Test
  void whatWasCountedIsReportedOnce() {
    // given
    tallies.accepted("one", NOW);
    tallies.ignored("two", NOW);

    // when
    reporter.report();
    reporter.report();

    // then
    assertThat(reports.heard)
        .extracting(HookActivity::getHookId)
        .containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void whatIsNotAcknowledgedIsReportedAgain() {
    // given
    tallies.accepted("one", NOW);
    reports.failure = new TimeoutException("no broker");
    reporter.report();
    tallies.accepted("one", NOW);
    reports.failure = null;

    // when
    reporter.report();

    // then
    assertThat(reports.heard).extracting(HookActivity::getAccepted).containsExactly(1L, 2L);
  }

  @Test
  void itReportsByItselfOnceStarted() {
    // given
    tallies.accepted("one", NOW);

    // when
    reporter.start();

    // then
    Eventually.holds("the count is reported", () -> reports.heard.size() == 1);
    reporter.close();
  }

  @Test
  void closingReportsALastTime() {
    // given
    tallies.accepted("one", NOW);

    // when
    reporter.close();

    // then
    assertThat(reports.heard).hasSize(1);
  }

  private static final class Fake implements HookActivityReporter.Reports {
    private final List<HookActivity> heard = new CopyOnWriteArrayList<>();
    private volatile @Nullable Exception failure;

    @Override
    public void report(HookActivity activity, BiConsumer<HookActivity, @Nullable Exception> done) {
      heard.add(activity);
      done.accept(activity, failure);
    }
  }
}
