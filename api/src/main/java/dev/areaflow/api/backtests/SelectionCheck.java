package dev.areaflow.api.backtests;

import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks which past events somebody asks for. Safe for several threads. */
public final class SelectionCheck {
  private static final int MOST_IDS = 100;
  private static final int MOST_ID_CHARACTERS = 1_024;

  private final ServiceCatalog catalog;
  private final Expressions expressions;

  public SelectionCheck(ServiceCatalog catalog, Expressions expressions) {
    this.catalog = catalog;
    this.expressions = expressions;
  }

  /**
   * The field {@code eventIds}.
   *
   * @param given null where it is not there, which asks for all
   */
  public static List<String> ids(@Nullable List<@Nullable String> given, Violations violations) {
    if (given == null) {
      return List.of();
    }
    violations.check(
        !given.isEmpty() && given.size() <= MOST_IDS,
        "/eventIds",
        "Expected 1 to " + MOST_IDS + " ids; for more, give from and to.");
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < given.size(); i++) {
      @Nullable String id = given.get(i);
      violations.check(
          id != null && !id.isEmpty() && id.length() <= MOST_ID_CHARACTERS && ids.add(id),
          "/eventIds/" + i,
          "Expected the id of an event, each once.");
    }
    return List.copyOf(ids);
  }

  /**
   * Checks the field {@code when} against the type of the events.
   *
   * @param service of their action; empty where there are several, whose events may be of any type
   * @param action likewise
   * @throws Problem 422
   */
  public void when(String cel, String service, String action) {
    AreaExpressions area =
        catalog
            .service(service)
            .flatMap(found -> found.action(action))
            .map(Action::output)
            .map(expressions::ofArea)
            .orElseGet(expressions::ofArea);
    try {
      area.condition(cel);
    } catch (InvalidExpressionException e) {
      Violations violations = new Violations();
      e.problems().forEach(p -> violations.add("/when" + p.pointer(), p.detail()));
      violations.raise();
    }
  }
}
