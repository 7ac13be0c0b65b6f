package dev.areaflow.api.connections;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.areaflow.api.areas.Nearest;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.OptionList;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to consent to besides what their AREAs need already.
 *
 * @param uses actions, reactions and options of the service, as {@code github.create_issue}, or
 *     without the service; null for none
 * @param scopes by the service's own names, for what no manifest knows; null for none
 */
record Wishes(
    @JsonProperty("for") @Nullable List<@Nullable String> uses,
    @Nullable List<@Nullable String> scopes) {
  static final Wishes NONE = new Wishes(null, null);

  private static final int MOST = 100;
  private static final Pattern SCOPE =
      Pattern.compile("[\\x21\\x23-\\x2b\\x2d-\\x5b\\x5d-\\x7e]{1,500}");

  boolean isEmpty() {
    return uses == null && scopes == null;
  }

  /** The scopes that are meant; what is wrong is noted. */
  List<String> scopes(Service service, Violations violations) {
    List<String> wanted = new ArrayList<>();
    List<@Nullable String> asked = uses == null ? List.of() : uses;
    for (int i = 0; i < asked.size(); i++) {
      wanted.addAll(ofUse(service, String.valueOf(asked.get(i)), "/for/" + i, violations));
    }
    List<@Nullable String> named = scopes == null ? List.of() : scopes;
    for (int i = 0; i < named.size(); i++) {
      String scope = String.valueOf(named.get(i));
      violations.check(
          SCOPE.matcher(scope).matches(),
          "/scopes/" + i,
          "Expected one scope, of visible ASCII characters without comma, quote and backslash.");
      wanted.add(scope);
    }
    violations.check(asked.size() <= MOST, "/for", "Expected at most " + MOST + ".");
    violations.check(named.size() <= MOST, "/scopes", "Expected at most " + MOST + ".");
    return wanted;
  }

  private static List<String> ofUse(
      Service service, String use, String pointer, Violations violations) {
    String prefix = service.id() + ".";
    String id = use.startsWith(prefix) ? use.substring(prefix.length()) : use;
    Optional<Action> action = service.action(id);
    Optional<Reaction> reaction = service.reaction(id);
    Optional<OptionList> options = service.options(id);
    if (action.isEmpty() && reaction.isEmpty() && options.isEmpty()) {
      violations.add(
          pointer,
          "The service "
              + service.id()
              + " has no action, reaction or options \""
              + id
              + "\""
              + Nearest.hint(
                  id,
                  Stream.of(
                          service.actions().stream().map(Action::id),
                          service.reactions().stream().map(Reaction::id),
                          service.options().stream().map(OptionList::name))
                      .flatMap(ids -> ids)
                      .toList()));
    }
    return Stream.of(
            action.map(Action::scopes),
            reaction.map(Reaction::scopes),
            options.map(OptionList::scopes))
        .flatMap(Optional::stream)
        .flatMap(List::stream)
        .toList();
  }
}
