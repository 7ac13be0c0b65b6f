package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import java.time.Duration;

/**
 * How long calls may take.
 *
 * @param usual where the command does not say it
 * @param longest the most that a command may say
 */
record CallTimeouts(Duration usual, Duration longest) {

  /** Of one command. */
  Duration of(Command command) {
    return command
        .getTimeoutMillis()
        .filter(millis -> millis > 0)
        .map(Duration::ofMillis)
        .map(said -> said.compareTo(longest) > 0 ? longest : said)
        .orElse(usual);
  }
}
