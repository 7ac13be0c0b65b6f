package dev.areaflow.api.areas;

/** The steps of AREAs as SQL has them. */
final class StepTable {
  private StepTable() {}

  /**
   * A table of all steps of an AREA, those of onError included, in its one column {@code step} as
   * JSON.
   *
   * @param area the AREA's row in the query around it
   */
  static String of(String area) {
    return "(SELECT json_array_elements(%1$s.plan->'steps') AS step"
        .concat(" UNION ALL SELECT json_array_elements(%1$s.plan->'onError'))")
        .formatted(area);
  }
}
