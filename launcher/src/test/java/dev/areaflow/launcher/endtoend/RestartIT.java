package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.client.AreaClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A crash neither loses nor doubles a match: four clients post distinct events at a steady rate,
 * each three times and out of order, while the program is killed twice; the ledger must agree.
 */
class RestartIT {
  private static final int KILLS = 2;
  private static final int EVENTS_BETWEEN = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void killingTheProgramTwiceNeitherLosesNorDoublesAMatch(@TempDir Path folder) throws Exception {
    try (RecordingSink sink = new RecordingSink();
        ProgramProcess program = ProgramProcess.start(folder, "--egress-allow", sink.authority())) {
      // given
      AreaClient owner = program.client().signUp("ledger@example.org", "correct horse battery");
      LedgerAreas areas = new LedgerAreas(owner, sink);
      Ledger ledger = areas.ledger();

      // when
      try (Load load = new Load(program.client(), areas.hook(), areas.second(), ledger)) {
        for (int kill = 0; kill < KILLS; kill++) {
          load.awaitFurther(EVENTS_BETWEEN, PATIENCE);
          Instant killedAt = Instant.now();
          program.kill();
          ledger.faulted(new Ledger.Fault(killedAt, Instant.now()));
          program.startAgain();
          program.awaitReady();
        }
        load.awaitFurther(EVENTS_BETWEEN, PATIENCE);
        load.finish();
      }

      // then
      assertThat(areas.settledViolations()).isEmpty();
      assertThat(ledger.accepted()).isGreaterThanOrEqualTo((KILLS + 1L) * EVENTS_BETWEEN);
      assertThat(ledger.acceptances().values()).containsOnly(0, Load.TIMES);
      assertThat(areas.verdicts("event-0-0"))
          .containsExactly(
              "duplicate",
              "duplicate",
              "duplicate",
              "duplicate",
              "duplicate",
              "duplicate",
              "filtered",
              "kept",
              "kept",
              "matched",
              "matched",
              "matched",
              "matched");
      List<RecordingSink.Call> calls = areas.calls();
      System.out.printf(
          "restart: %d events sent, %d accepted %d times each, %d calls at the sink of which %d"
              + " repeat one in flight at a kill, each event in one of %d digests, %d kills,"
              + " 0 violations%n",
          ledger.sent(),
          ledger.accepted(),
          Load.TIMES,
          calls.size(),
          Ledger.repeated(calls),
          areas.digests().size(),
          KILLS);
    }
  }
}
