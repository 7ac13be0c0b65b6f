package dev.areaflow.catalog.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Seals and opens secrets with AES-256-GCM. New secrets are sealed with the keyset's primary key;
 * every key of the keyset opens. Safe for use by many threads.
 */
public final class Vault {

  private static final int PREFIX_BYTES = 1 + Integer.BYTES;

  private final KeysetHandle keyset;
  private final Aead aead;

  private Vault(KeysetHandle keyset) throws GeneralSecurityException {
    this.keyset = keyset;
    this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  /** Returns a vault with one new random key. */
  public static Vault create() {
    try {
      AeadConfig.register();
      return new Vault(KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM does not offer AES-256-GCM", e);
    }
  }

  /**
   * Returns the vault of a keyset in Tink's JSON format.
   *
   * @throws IllegalArgumentException if it is no such keyset; the message does not show it
   */
  public static Vault parse(String json) {
    try {
      AeadConfig.register();
      return new Vault(TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get()));
    } catch (GeneralSecurityException _) {
      // The cause's message can quote the keyset.
      throw new IllegalArgumentException(
          "the vault's keyset is not a Tink AEAD keyset in JSON; restore it from"
              + " its backup, or remove it and have every connection's credentials entered again");
    }
  }

  /**
   * Returns this vault with a new random primary key; the present keys stay, to open what they
   * sealed.
   */
  public Vault rotated() {
    try {
      return new Vault(
          KeysetHandle.newBuilder(keyset)
              .addEntry(
                  KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                      .withRandomId()
                      .makePrimary())
              .build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key could not be added to the vault's keyset", e);
    }
  }

  /** Returns the secret, encrypted for the place. Two calls never give the same bytes. */
  public byte[] seal(SecretPlace place, String secret) {
    try {
      return aead.encrypt(secret.getBytes(StandardCharsets.UTF_8), place.bytes());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "credentials." + place.field() + " could not be encrypted", e);
    }
  }

  /**
   * Returns the secret that was sealed for the place.
   *
   * @throws UnreadableSecretException if it was sealed for another place, or with a key that this
   *     vault has not
   */
  public String open(SecretPlace place, byte[] sealed) {
    try {
      return new String(aead.decrypt(sealed, place.bytes()), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new UnreadableSecretException(place, e);
    }
  }

  /**
   * Says whether the secret was sealed with the primary key; one that was not is due to be sealed
   * again.
   */
  public boolean isCurrent(byte[] sealed) {
    // Tink puts its version and the id of the key before what a key with its own prefix sealed.
    return sealed.length > PREFIX_BYTES
        && ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt() == keyset.getPrimary().getId();
  }

  /** Returns the keyset with its keys in the clear: for the keyset's file only. */
  String keysetJson() {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(keyset, InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the vault's keyset could not be written", e);
    }
  }

  @Override
  public String toString() {
    return "Vault[keys=" + keyset.size() + "]";
  }
}
