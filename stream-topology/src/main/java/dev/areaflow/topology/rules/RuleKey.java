package dev.areaflow.topology.rules;

/**
 * Whose events a rule keeps apart from others.
 *
 * @param id as it is kept
 * @param label as people see it
 */
public record RuleKey(String id, String label) {
  /** Of a rule that takes all events together. */
  public static final RuleKey ALL = new RuleKey("all", "");

  private static final int LONGEST_LABEL = 200;

  /**
   * @param id of letters and digits
   * @param label cut where it is long
   */
  public static RuleKey of(String id, String label) {
    return new RuleKey(
        id, label.length() <= LONGEST_LABEL ? label : label.substring(0, LONGEST_LABEL) + "…");
  }
}
