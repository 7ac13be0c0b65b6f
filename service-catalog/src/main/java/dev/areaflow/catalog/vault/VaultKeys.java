package dev.areaflow.catalog.vault;

import dev.areaflow.schemas.config.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The vault as this process knows it. Where its keyset is a file, a secret that a newer key sealed
 * makes it read the file again, so that a rotation needs no restart. Safe for several threads.
 */
public final class VaultKeys {
  /** The keyset, the same for every role that seals or opens. */
  public static final Setting<VaultKeys> SETTING =
      Setting.<VaultKeys>required(
              "vault.keyset",
              VaultKeys::parse,
              "Keyset that the users' credentials are encrypted with: the path of a file that"
                  + " ./area vault create has made, or its content; the same for api, ingest and"
                  + " executors.")
          .asConfidential();

  private final Optional<KeysetFile> file;
  private volatile Vault vault;

  private VaultKeys(Optional<KeysetFile> file, Vault vault) {
    this.file = file;
    this.vault = vault;
  }

  /** A vault that no file keeps, for as long as it is held. */
  public static VaultKeys of(Vault vault) {
    return new VaultKeys(Optional.empty(), vault);
  }

  /**
   * The vault of a keyset, or of the file that a path names.
   *
   * @throws IllegalArgumentException if there is none; the message shows nothing of it
   */
  static VaultKeys parse(String text) {
    if (text.strip().startsWith("{")) {
      return of(Vault.parse(text));
    }
    KeysetFile file = new KeysetFile(Path.of(text.strip()));
    try {
      return new VaultKeys(Optional.of(file), file.read());
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The secret, encrypted for its place. */
  public byte[] seal(SecretPlace place, String secret) {
    return vault.seal(place, secret);
  }

  /**
   * The secret that was sealed for a place.
   *
   * @throws UnreadableSecretException if no key of the keyset opens it there
   */
  public String open(SecretPlace place, byte[] sealed) {
    try {
      return vault.open(place, sealed);
    } catch (UnreadableSecretException e) {
      if (file.isEmpty()) {
        throw e;
      }
      try {
        vault = file.get().read();
      } catch (IOException | IllegalArgumentException unreadable) {
        e.addSuppressed(unreadable);
        throw e;
      }
      return vault.open(place, sealed);
    }
  }
}
