package dev.areaflow.api.accounts;

/** Hashes of a millisecond, for tests in which people only have to be there. */
public final class CheapPasswords {
  private static final int KIBIBYTES = 256;

  private CheapPasswords() {}

  public static Passwords make() {
    return new Passwords(KIBIBYTES);
  }
}
