package dev.areaflow.catalog.vault;

/**
 * A sealed secret does not open: it was sealed for another place, with a key that is gone, or it
 * was changed.
 */
public final class UnreadableSecretException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnreadableSecretException(SecretPlace place, Throwable cause) {
    super(
        "credentials."
            + place.field()
            + " of connection "
            + place.connection()
            + " cannot be decrypted; restore the vault's keyset that they were sealed with, or enter the"
            + " credentials again",
        cause);
  }
}
