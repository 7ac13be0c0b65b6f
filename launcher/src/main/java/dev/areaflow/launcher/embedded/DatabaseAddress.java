package dev.areaflow.launcher.embedded;

/**
 * A database and who may use it.
 *
 * @param url JDBC address
 * @param user login
 * @param password its password
 */
public record DatabaseAddress(String url, String user, String password) {
  @Override
  public String toString() {
    return user + "@" + url;
  }
}
