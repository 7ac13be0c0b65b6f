package dev.areaflow.schemas.config;

/** A text that never shows: {@link #toString} prints {@code ***}. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
