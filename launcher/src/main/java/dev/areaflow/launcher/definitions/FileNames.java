package dev.areaflow.launcher.definitions;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Names of files for AREAs, each once. For one thread. */
public final class FileNames {
  private static final int MOST_CHARACTERS = 80;

  private final Set<String> used = new HashSet<>();

  /** What a file of this AREA is called, without an ending: small letters, digits and hyphens. */
  public String of(String name) {
    String plain =
        Normalizer.normalize(name, Normalizer.Form.NFKD)
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\p{M}+", "")
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    String base =
        plain.isEmpty() ? "area" : plain.substring(0, Math.min(plain.length(), MOST_CHARACTERS));
    String free = base;
    for (int i = 2; !used.add(free); i++) {
      free = base + "-" + i;
    }
    return free;
  }
}
