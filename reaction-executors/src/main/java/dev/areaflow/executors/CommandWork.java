package dev.areaflow.executors;

import dev.areaflow.executors.OutcomePublisher.Fate;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries commands out, each on a virtual thread of its own, and publishes their outcomes. Safe for
 * several threads.
 */
final class CommandWork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandWork.class);
  private static final Duration NO_ROOM = Duration.ofSeconds(5);
  private static final Duration FINISH = Duration.ofSeconds(5);
  private static final Duration GIVE_UP = Duration.ofSeconds(2);

  private final ReactionExecutor reactions;
  private final OutcomePublisher publisher;
  private final InFlight inFlight;
  private final ExecutorMetrics metrics;
  private final Clock clock;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("command-", 0).factory());

  CommandWork(
      ReactionExecutor reactions,
      OutcomePublisher publisher,
      InFlight inFlight,
      ExecutorMetrics metrics,
      Clock clock) {
    this.reactions = reactions;
    this.publisher = publisher;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Starts a command that has room in what is in flight, and gives its room back when it is done,
   * however that goes.
   *
   * @param settled runs once, on any thread, when Kafka has the outcome; never if it cannot be
   *     written: then the command's deadline covers it
   */
  void start(Command command, long bytes, Runnable settled) {
    threads.execute(
        () -> {
          boolean handedOn = false;
          try {
            long startedNanos = System.nanoTime();
            Outcome outcome = outcome(command);
            metrics.attempted(command, outcome, Duration.ofNanos(System.nanoTime() - startedNanos));
            publisher.publish(
                outcome,
                fate -> {
                  inFlight.leave(bytes);
                  whenWritten(settled).accept(fate);
                });
            handedOn = true;
          } finally {
            if (!handedOn) {
              inFlight.leave(bytes);
            }
          }
        });
  }

  /** What is given up is not settled: it is accepted after its wait, its deadline covers it. */
  private static Consumer<Fate> whenWritten(Runnable settled) {
    return fate -> {
      if (fate == Fate.WRITTEN) {
        settled.run();
      }
    };
  }

  /** Answers a command for which there is no room. */
  void defer(Command command, Runnable settled) {
    publisher.publish(
        Outcomes.deferred(
            command, clock.instant(), NO_ROOM, "the executors are full; tried again later"),
        whenWritten(settled));
  }

  /**
   * Answers a command that must not be carried out twice and was delivered before: whether it was
   * begun then, nobody here knows.
   */
  void leave(Command command, Runnable settled) {
    publisher.publish(
        Outcomes.unconfirmed(
            command,
            clock.instant(),
            "an executor had it in hand before and did not say what became of it; it may have been"
                + " carried out"),
        whenWritten(settled));
  }

  /** Puts away a record that is no command. */
  void bury(DeadLetter letter, Runnable settled) {
    metrics.deadLetter();
    publisher.publish(letter, whenWritten(settled));
  }

  private Outcome outcome(Command command) {
    try {
      return reactions.execute(command);
    } catch (InterruptedException e) {
      // only close() interrupts, and this thread ends with its command
      return Outcomes.unconfirmed(
          command, clock.instant(), "the executor stopped during the call; its effect is unknown");
    } catch (RuntimeException | Error e) { // of one command: a stack too deep, a class missing
      LOG.error("command {} of area {} failed", command.getId(), command.getAreaId(), e);
      return Outcomes.unconfirmed(
          command, clock.instant(), "internal error: " + e.getClass().getSimpleName());
    }
  }

  /** Lets calls finish for some seconds, then interrupts them. */
  @Override
  public void close() {
    try {
      if (!inFlight.awaitEmpty(FINISH)) {
        LOG.info("{} calls still run at the stop and are given up", inFlight.commands());
        threads.shutdownNow();
        inFlight.awaitEmpty(GIVE_UP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      threads.shutdownNow();
    }
  }
}
