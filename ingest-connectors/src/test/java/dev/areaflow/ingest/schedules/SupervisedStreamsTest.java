package dev.areaflow.ingest.schedules;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

final class SupervisedStreamsTest {
  @Test
  void whatWasNeverStartedIsClosedAllTheSame() {
    // given
    SupervisedStreams streams =
        new SupervisedStreams(
            "schedules",
            () -> {
              throw new IllegalStateException("not to be made");
            });

    // when, then
    assertThatCode(streams::close).doesNotThrowAnyException();
  }
}
