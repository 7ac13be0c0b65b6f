package dev.areaflow.api.backtests;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Answer;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a backtest and writes its lines while they come. It works on a thread of its own, so that it
 * holds up no other request, and ends when nobody takes its lines any more.
 */
final class BacktestStream implements Answer.Stream {
  /** As newline-delimited JSON. */
  static final String LINES = "application/x-ndjson";

  /** As server-sent events, named by the type of the line. */
  static final String EVENTS = "text/event-stream";

  private static final Logger LOG = LoggerFactory.getLogger(BacktestStream.class);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(10);
  private static final int AHEAD = 256;

  private final Backtester backtester;
  private final Backtest backtest;
  private final BacktestJson json;
  private final boolean isEvents;
  private final Runnable whenOver;

  /**
   * @param mediaType one of the two
   * @param whenOver is called at its end, however it ends
   */
  BacktestStream(Backtester backtester, Backtest backtest, String mediaType, Runnable whenOver) {
    this.backtester = backtester;
    this.backtest = backtest;
    this.json = new BacktestJson(Plan.parse(backtest.area().plan()));
    this.isEvents = mediaType.equals(EVENTS);
    this.whenOver = whenOver;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    BlockingQueue<ObjectNode> lines = new ArrayBlockingQueue<>(AHEAD);
    Thread work = Thread.ofPlatform().daemon().name("api-backtest").start(() -> work(lines));
    try {
      boolean isLast = false;
      while (!isLast) {
        @Nullable ObjectNode line = lines.poll(SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS);
        out.write(line == null ? signOfLife() : bytes(line));
        isLast = line != null && isLast(line);
        if (lines.isEmpty()) {
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      whenOver.run();
      work.interrupt();
    }
  }

  private void work(BlockingQueue<ObjectNode> lines) {
    try {
      try {
        backtester.run(backtest, line -> put(lines, json.of(line)));
      } catch (BacktestEndedException e) {
        lines.put(BacktestJson.error("Ended early", String.valueOf(e.getMessage())));
      } catch (RetriableException | RegistryUnavailableException e) {
        LOG.warn("a backtest could not read the events: {}", e.getMessage());
        lines.put(
            BacktestJson.error(
                "Unavailable",
                "Kafka or the schema registry does not answer right now; try again soon."));
      } catch (CancelledException e) {
        LOG.debug("a backtest was cancelled", e);
      } catch (RuntimeException e) {
        String incident = UUID.randomUUID().toString();
        LOG.error("incident {}: a backtest failed", incident, e);
        lines.put(
            BacktestJson.error(
                "Internal error",
                "It is our fault; the log names this incident " + incident + "."));
      }
    } catch (InterruptedException e) {
      LOG.debug("a backtest was cancelled", e); // nobody takes its lines
    }
  }

  /** Nobody takes the lines any more. */
  private static final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CancelledException(InterruptedException cause) {
      super(cause);
    }
  }

  private static void put(BlockingQueue<ObjectNode> lines, ObjectNode line) {
    try {
      lines.put(line);
    } catch (InterruptedException e) {
      throw new CancelledException(e);
    }
  }

  private static boolean isLast(ObjectNode line) {
    String type = line.path("type").asText();
    return type.equals("summary") || type.equals("error");
  }

  /** Shows whether the other side is still there, and keeps proxies from ending the connection. */
  private byte[] signOfLife() {
    return (isEvents ? ":\n\n" : "\n").getBytes(StandardCharsets.UTF_8);
  }

  private byte[] bytes(ObjectNode line) {
    String text =
        isEvents
            ? "event: " + line.path("type").asText() + "\ndata: " + line + "\n\n"
            : line + "\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
