package dev.areaflow.expressions;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The language of each scope, made when it is first needed. Safe for several threads. */
final class Languages {
  private final Map<Scope.Variables, Language> known = new ConcurrentHashMap<>();

  Language of(Scope scope) {
    return known.computeIfAbsent(scope.variables(), Language::of);
  }
}
