package dev.areaflow.topology.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private static final Instant TEN = Instant.parse("2026-07-01T10:00:00Z");

  private final Progress progress = new Progress();

  @Test
  void timeComesAsFarAsAllHaveTold() {
    // given
    progress.add(new Hop(true, List.of(1, 2)));

    // when
    progress.tell(1, TEN.plusSeconds(5));

    // then
    assertThat(progress.advance()).isEmpty();
    progress.tell(2, TEN.plusSeconds(3));
    assertThat(progress.advance()).contains(TEN.plusSeconds(3));
    progress.tell(2, TEN.plusSeconds(9));
    assertThat(progress.advance()).contains(TEN.plusSeconds(5));
  }

  @Test
  void itNeverGoesBack() {
    // given
    progress.add(new Hop(true, List.of(1)));
    progress.tell(1, TEN.plusSeconds(5));
    progress.advance();

    // when
    progress.tell(1, TEN);
    progress.add(new Hop(true, List.of(2)));
    progress.tell(2, TEN);

    // then
    assertThat(progress.advance()).contains(TEN.plusSeconds(5));
  }

  @Test
  void whoIsNotAwaitedAnyMoreHoldsNobodyUp() {
    // given
    Hop hop = new Hop(true, List.of(1, 2, 2));
    progress.add(hop);
    progress.add(new Hop(true, List.of(1)));
    progress.tell(1, TEN);

    // when
    progress.remove(hop);

    // then
    assertThat(progress.advance()).contains(TEN);
    assertThat(progress.isAlone()).isFalse();
  }

  @Test
  void aPartitionIsToldAsLongAsAnyListens() {
    // given
    progress.add(new Hop(false, List.of(3)));
    progress.add(new Hop(false, List.of(3)));

    // when
    progress.remove(new Hop(false, List.of(3)));

    // then
    assertThat(progress.listening()).containsExactly(3);
    progress.remove(new Hop(false, List.of(3)));
    assertThat(progress.listening()).isEmpty();
    assertThat(progress.isAlone()).isTrue();
  }
}
