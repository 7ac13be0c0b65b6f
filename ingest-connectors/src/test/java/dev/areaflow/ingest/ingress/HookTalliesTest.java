package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.areaflow.schemas.avro.HookActivity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HookTalliesTest {
  private static final Instant EARLIER = Instant.parse("2026-06-01T10:00:00Z");
  private static final Instant LATER = Instant.parse("2026-06-01T10:00:01Z");

  private final HookTallies tallies = new HookTallies(2);

  @Test
  void eachHookIsCountedForItself() {
    // given
    tallies.accepted("one", LATER);
    tallies.accepted("one", EARLIER);
    tallies.ignored("one", EARLIER);
    tallies.refused("one", EARLIER, "json");
    tallies.refused("one", EARLIER, "json");
    tallies.refused("one", EARLIER, "rate");
    tallies.ignored("two", EARLIER);

    // when
    List<HookActivity> taken = tallies.take();

    // then
    assertThat(taken)
        .containsExactlyInAnyOrder(
            activity("one", LATER, 2, 1, Map.of("json", 2L, "rate", 1L)),
            activity("two", EARLIER, 0, 1, Map.of()));
  }

  @Test
  void whatWasTakenIsNotCountedAgain() {
    // given
    tallies.accepted("one", EARLIER);
    tallies.take();
    tallies.accepted("one", LATER);

    // when
    List<HookActivity> taken = tallies.take();

    // then
    assertThat(taken).containsExactly(activity("one", LATER, 1, 0, Map.of()));
    assertThat(tallies.take()).isEmpty();
  }

  @Test
  void whatCouldNotBeReportedIsAddedBack() {
    // given
    tallies.accepted("one", LATER);
    tallies.refused("one", LATER, "json");

    // when
    tallies.add(activity("one", EARLIER, 2, 3, Map.of("json", 4L, "size", 5L)));

    // then
    assertThat(tallies.take())
        .containsExactly(activity("one", LATER, 3, 3, Map.of("json", 5L, "size", 5L)));
  }

  @Test
  void noMoreHooksThanAllowedAreHeld() {
    // given
    tallies.accepted("one", EARLIER);
    tallies.accepted("two", EARLIER);

    // when
    tallies.accepted("three", EARLIER);
    tallies.accepted("one", EARLIER);

    // then
    assertThat(tallies.take())
        .extracting(HookActivity::getHookId, HookActivity::getAccepted)
        .containsExactlyInAnyOrder(tuple("one", 2L), tuple("two", 1L));
  }

  @Test
  void countsThatAreTakenWhileOthersCountAreNeitherLostNorDoubled() throws InterruptedException {
    // given
    int each = 20_000;
    List<Thread> counters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      counters.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; n < each; n++) {
                      tallies.accepted("one", EARLIER);
                    }
                  }));
    }

    // when
    long taken = 0;
    while (counters.stream().anyMatch(Thread::isAlive)) {
      taken += accepted();
    }
    for (Thread counter : counters) {
      counter.join();
    }
    taken += accepted();

    // then
    assertThat(taken).isEqualTo(4L * each);
  }

  private long accepted() {
    return tallies.take().stream().mapToLong(HookActivity::getAccepted).sum();
  }

  private static HookActivity activity(
      String hook, Instant at, long accepted, long ignored, Map<String, Long> refused) {
    return HookActivity.newBuilder()
        .setHookId(hook)
        .setLastDeliveryAt(at)
        .setAccepted(accepted)
        .setIgnored(ignored)
        .setRefused(refused)
        .build();
  }
}
