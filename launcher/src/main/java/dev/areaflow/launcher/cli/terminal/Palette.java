package dev.areaflow.launcher.cli.terminal;

import java.util.Map;

/** Colours, where a terminal shows them and nobody asked for none ({@code NO_COLOR}). */
public final class Palette {
  private static final String GREEN = "32";
  private static final String RED = "31";
  private static final String YELLOW = "33";

  private static final Map<String, String> STATES =
      Map.ofEntries(
          Map.entry("live", GREEN),
          Map.entry("connected", GREEN),
          Map.entry("succeeded", GREEN),
          Map.entry("matched", GREEN),
          Map.entry("create", GREEN),
          Map.entry("error", RED),
          Map.entry("failed", RED),
          Map.entry("reconnect", RED),
          Map.entry("open", RED),
          Map.entry("delete", RED),
          Map.entry("unknown", RED),
          Map.entry("change", YELLOW),
          Map.entry("pending", YELLOW),
          Map.entry("queued", YELLOW),
          Map.entry("running", YELLOW),
          Map.entry("waiting", YELLOW));

  private final boolean coloured;

  private Palette(boolean coloured) {
    this.coloured = coloured;
  }

  /** The one for what is around a command. */
  public static Palette of(Surroundings surroundings) {
    Map<String, String> environment = surroundings.environment();
    return new Palette(
        surroundings.prompt().isTerminal()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb"));
  }

  /** A word that says how something is, in the colour of that. */
  public String state(String word) {
    return state(word, word);
  }

  /**
   * A text in the colour of a state.
   *
   * @param text what is shown
   */
  public String state(String word, String text) {
    String colour = STATES.get(word);
    return coloured && colour != null ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }
}
