package dev.areaflow.launcher.embedded;

import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps parts of Kafka from ending the JVM that they share with everything else: a broker's or
 * worker's fatal fault is reported, and ends only the thread that met it.
 */
public final class KafkaExits {
  private static final Logger log = LoggerFactory.getLogger(KafkaExits.class);

  private KafkaExits() {}

  /**
   * From now on for this JVM.
   *
   * @param onFault told what happened, in the faulty part's thread
   */
  public static void reportTo(Consumer<String> onFault) {
    Exit.setExitProcedure((status, message) -> fault(onFault, "exit", status, message));
    Exit.setHaltProcedure((status, message) -> fault(onFault, "halt", status, message));
    // Everything is stopped in order by whoever started it.
    Exit.setShutdownHookAdder((name, hook) -> log.debug("no shutdown hook for {}", name));
  }

  private static void fault(
      Consumer<String> onFault, String kind, int status, @Nullable String message) {
    String text = "Kafka asked to " + kind + " with status " + status + ": " + message;
    onFault.accept(text);
    throw new EmbeddedStackException(text);
  }
}
