package dev.areaflow.launcher.cli;

import java.io.Console;

/** Asks the person at the terminal. */
interface Prompt {
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
      public boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
      }

      @Override
      public String line(String question) {
        String line = System.console().readLine("%s", question);
        return line == null ? "" : line.strip();
      }

      @Override
      public String secret(String question) {
        char[] typed = System.console().readPassword("%s", question);
        return typed == null ? "" : new String(typed);
      }
    };
  }
}
