package dev.areaflow.catalog;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What consents of a service are about (RFC 6749, section 3.3).
 *
 * @param always what every consent asks for
 * @param implied what a granted scope allows besides, by scope; providers do not list it
 */
public record ConsentScopes(List<String> always, Map<String, List<String>> implied) {
  public ConsentScopes {
    always = List.copyOf(always);
    Map<String, List<String>> copies = new TreeMap<>();
    implied.forEach((scope, others) -> copies.put(scope, List.copyOf(others)));
    implied = Map.copyOf(copies);
  }

  /**
   * The scopes of a list as an answer has it. RFC 6749 parts them by blanks, GitHub by commas; no
   * scope of a manifest has either in it.
   */
  public static List<String> of(String list) {
    return Arrays.stream(list.split("[ ,]+", -1)).filter(scope -> !scope.isEmpty()).toList();
  }

  /** What is needed and not granted, in the order of need. */
  public List<String> lacking(Collection<String> granted, Collection<String> needed) {
    Set<String> allowed = allowedBy(granted);
    return needed.stream().distinct().filter(scope -> !allowed.contains(scope)).toList();
  }

  /**
   * What a consent asks for, so that what was granted before goes on and what is needed comes to
   * it. What another scope of it implies is left out, if it was not granted by its own name.
   */
  public List<String> toAsk(Collection<String> granted, Collection<String> needed) {
    Set<String> asked = new LinkedHashSet<>(always);
    asked.addAll(granted);
    Set<String> more = new LinkedHashSet<>(lacking(asked, needed));
    for (String scope : List.copyOf(more)) {
      more.remove(scope);
      if (!allowedBy(more).contains(scope)) {
        asked.add(scope);
        more.add(scope);
      }
    }
    return List.copyOf(asked);
  }

  private Set<String> allowedBy(Collection<String> granted) {
    Set<String> allowed = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(granted);
    while (!open.isEmpty()) {
      String scope = open.pop();
      if (allowed.add(scope)) {
        open.addAll(implied.getOrDefault(scope, List.of()));
      }
    }
    return allowed;
  }
}
