package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.Wake;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Keeps events in memory, or fails to as it is told. */
final class FakeEvents implements EventSink {
  private final List<Event> kept = new CopyOnWriteArrayList<>();
  private final List<Wake> woken = new CopyOnWriteArrayList<>();
  private final List<Duration> patiences = new CopyOnWriteArrayList<>();
  private volatile Conduct conduct = new Conduct.Keeps();

  private sealed interface Conduct {
    record Keeps() implements Conduct {}

    record Fails() implements Conduct {}

    record Hangs() implements Conduct {}

    record FindsTooLarge() implements Conduct {}

    record KeepsAfter(CountDownLatch release) implements Conduct {}
  }

  /** As it does at first. */
  void keepAll() {
    conduct = new Conduct.Keeps();
  }

  void fail() {
    conduct = new Conduct.Fails();
  }

  /** Answers nothing until the patience of whoever asks is over. */
  void hang() {
    conduct = new Conduct.Hangs();
  }

  void findTooLarge() {
    conduct = new Conduct.FindsTooLarge();
  }

  /** Keeps events once the latch is open. */
  void keepAfter(CountDownLatch release) {
    conduct = new Conduct.KeepsAfter(release);
  }

  List<Event> kept() {
    return List.copyOf(kept);
  }

  /** How long each caller would have waited, in the order of the calls. */
  List<Duration> patiences() {
    return List.copyOf(patiences);
  }

  List<Wake> woken() {
    return List.copyOf(woken);
  }

  @Override
  public void wake(Wake wake, Duration patience) throws NotKeptException, InterruptedException {
    try {
      keep(() -> woken.add(wake), patience);
    } catch (EventTooLargeException e) {
      throw new AssertionError("no wake is so large", e);
    }
  }

  @Override
  public void keep(Event event, Duration patience)
      throws NotKeptException, EventTooLargeException, InterruptedException {
    keep(() -> kept.add(event), patience);
  }

  private void keep(Runnable keeping, Duration patience)
      throws NotKeptException, EventTooLargeException, InterruptedException {
    patiences.add(patience);
    switch (conduct) {
      case Conduct.Keeps() -> keeping.run();
      case Conduct.Fails() -> throw new NotKeptException("no broker answers");
      case Conduct.Hangs() -> {
        if (!new CountDownLatch(1).await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
          throw new NotKeptException("not acknowledged within " + patience);
        }
      }
      case Conduct.FindsTooLarge() ->
          throw new EventTooLargeException(new RecordTooLargeException("larger than the topic's"));
      case Conduct.KeepsAfter(var release) -> {
        release.await();
        keeping.run();
      }
    }
  }
}
