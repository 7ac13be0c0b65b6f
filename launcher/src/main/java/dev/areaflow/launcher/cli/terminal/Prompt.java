package dev.areaflow.launcher.cli.terminal;

import java.io.Console;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks the person at the terminal. */
public interface Prompt {
  /** Whether somebody is there, and sees what is printed. */
  boolean isTerminal();

  /** What was typed; empty where nothing was. */
  String line(String question);

  /** As {@link #line}, without showing it. */
  String secret(String question);

  /** The terminal of this process. */
  static Prompt ofProcess() {
    return new Prompt() {
      @Override
      @SuppressWarnings(
          "SystemConsoleNull") // it is null where no terminal is, as JDK 25 has it again
      public boolean isTerminal() {
        @Nullable Console console = System.console();
        return console != null && console.isTerminal();
      }

      private Console console() {
        return Objects.requireNonNull(System.console(), "nobody asks where there is no terminal");
      }

      @Override
      public String line(String question) {
        @Nullable String line = console().readLine("%s", question);
        return line == null ? "" : line.strip();
      }

      @Override
      public String secret(String question) {
        char @Nullable [] typed = console().readPassword("%s", question);
        return typed == null ? "" : new String(typed);
      }
    };
  }
}
