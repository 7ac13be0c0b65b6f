package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child process whose id stands in a file, so that the next start can end it where this program
 * was killed. A process id may have gone to somebody else by then, so the start time is kept beside
 * it and compared.
 */
final class RecordedProcess {
  private static final Logger log = LoggerFactory.getLogger(RecordedProcess.class);

  /** The system's boot time, of which a start time is computed, may be adjusted a little. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private RecordedProcess() {}

  static void record(Path file, ProcessHandle process) {
    String started = process.info().startInstant().map(Instant::toString).orElse("");
    try {
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, process.pid() + "\n" + started + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be written: " + e, e);
    }
  }

  static void forget(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be deleted: " + e, e);
    }
  }

  /** Ends the recorded process if it still runs, and forgets it. */
  static void endLeftover(Path file) {
    find(file)
        .ifPresent(
            process -> {
              log.info("ending process {}, left over from a start that was killed", process.pid());
              end(process);
            });
    forget(file);
  }

  private static Optional<ProcessHandle> find(Path file) {
    try {
      String[] lines = Files.readString(file).split("\n", -1);
      return lines.length < 2
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(lines[0]))
              .filter(process -> startedAt(process, lines[1]));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw new EmbeddedStackException(file + " cannot be read: " + e, e);
    }
  }

  private static boolean startedAt(ProcessHandle process, String recorded) {
    return !recorded.isEmpty()
        && process
            .info()
            .startInstant()
            .map(started -> Duration.between(started, Instant.parse(recorded)).abs())
            .filter(difference -> difference.compareTo(CLOCK_TOLERANCE) <= 0)
            .isPresent();
  }

  /** Asks a process to end, and ends it by force where it does not in time. */
  static void end(ProcessHandle process) {
    process.destroy();
    if (!ended(process, PATIENCE)) {
      process.destroyForcibly();
      if (!ended(process, PATIENCE)) {
        throw new EmbeddedStackException("process " + process.pid() + " cannot be ended");
      }
    }
  }

  static boolean ended(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    } catch (ExecutionException e) {
      throw new EmbeddedStackException("process " + process.pid() + " cannot be awaited: " + e, e);
    }
  }
}
