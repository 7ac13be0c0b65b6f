package dev.areaflow.api.database;

/** PostgreSQL is away, or its tables are not made yet; it may work again in a moment. */
public final class DatabaseUnavailableException extends RuntimeException {
  DatabaseUnavailableException(String message) {
    super(message);
  }
}
