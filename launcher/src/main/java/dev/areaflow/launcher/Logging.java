package dev.areaflow.launcher;

import java.nio.file.Path;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where log lines go. Called before anything is logged. */
final class Logging {
  private Logging() {}

  /** To a file of that directory; only errors to standard error. */
  static void toFile(Path directory) {
    System.setProperty("area.logs", directory.toString());
    System.setProperty("logback.configurationFile", "logback-file.xml");
    bridge();
  }

  /** To standard output, as containers want it. */
  static void toConsole() {
    bridge();
  }

  /** To standard error, where standard output is the command's result. */
  static void toStandardError() {
    System.setProperty("logback.configurationFile", "logback-error.xml");
    bridge();
  }

  private static void bridge() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
