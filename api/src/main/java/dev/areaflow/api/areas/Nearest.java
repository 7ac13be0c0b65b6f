package dev.areaflow.api.areas;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what someone may have meant by a word that does not exist. */
public final class Nearest {
  private static final int MOST_CHARACTERS = 64;

  private Nearest() {}

  /** The word that needs the fewest edits, where they are at most half of it. */
  static Optional<String> to(String word, Collection<String> words) {
    if (word.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    return words.stream()
        .min(Comparator.comparingInt(candidate -> edits(word, candidate)))
        .filter(candidate -> 2 * edits(word, candidate) <= Math.max(2, candidate.length()));
  }

  /** {@code ; did you mean "…"?} with the nearest word, else what there is to choose from. */
  public static String hint(String word, Collection<String> words) {
    return to(word, words)
        .map(nearest -> "; did you mean \"" + nearest + "\"?")
        .orElseGet(() -> words.isEmpty() ? "." : "; there are " + String.join(", ", words) + ".");
  }

  /** Levenshtein's distance. */
  private static int edits(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] current = new int[to.length() + 1];
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[to.length()];
  }
}
