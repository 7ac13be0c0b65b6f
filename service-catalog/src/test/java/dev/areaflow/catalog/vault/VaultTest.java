package dev.areaflow.catalog.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {

  private static final SecretPlace PLACE = new SecretPlace("owner", "connection", "token");

  @TempDir Path directory;

  @Test
  void opensWhatItSealedAndShowsNothingOfIt() {
    Vault vault = Vault.create();
    byte[] sealed = vault.seal(PLACE, "ghp_sécret");

    assertThat(vault.open(PLACE, sealed)).isEqualTo("ghp_sécret");
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("ghp_");
    assertThat(vault.seal(PLACE, "ghp_sécret")).isNotEqualTo(sealed);
    assertThat(vault).hasToString("Vault[keys=1]");
  }

  @Test
  void secretOpensInItsPlaceOnly() {
    Vault vault = Vault.create();
    byte[] sealed = vault.seal(PLACE, "secret");

    for (SecretPlace other :
        List.of(
            new SecretPlace("other", "connection", "token"),
            new SecretPlace("owner", "other", "token"),
            new SecretPlace("owner", "connection", "other"),
            new SecretPlace("ownerc", "onnection", "token"))) {
      assertThatThrownBy(() -> vault.open(other, sealed))
          .isInstanceOf(UnreadableSecretException.class)
          .hasMessageContaining("credentials." + other.field())
          .hasMessageContaining("enter the credentials again");
    }
  }

  @Test
  void changedSecretDoesNotOpen() {
    Vault vault = Vault.create();
    byte[] sealed = vault.seal(PLACE, "secret");
    sealed[sealed.length - 1] ^= 1;

    assertThatThrownBy(() -> vault.open(PLACE, sealed))
        .isInstanceOf(UnreadableSecretException.class);
    assertThatThrownBy(() -> vault.open(PLACE, new byte[0]))
        .isInstanceOf(UnreadableSecretException.class);
  }

  @Test
  void rotatedVaultOpensTheOldAndSealsWithTheNew() {
    Vault before = Vault.create();
    byte[] old = before.seal(PLACE, "secret");
    Vault after = before.rotated();
    byte[] renewed = after.seal(PLACE, after.open(PLACE, old));

    assertThat(before.isCurrent(old)).isTrue();
    assertThat(after.isCurrent(old)).isFalse();
    assertThat(after.isCurrent(renewed)).isTrue();
    assertThatThrownBy(() -> before.open(PLACE, renewed))
        .isInstanceOf(UnreadableSecretException.class);
  }

  @Test
  void fileIsMadeOnceAndIsItsOwnersAlone() throws IOException {
    Path path = directory.resolve("vault.json");
    byte[] sealed = new KeysetFile(path).readOrCreate().seal(PLACE, "secret");

    assertThat(new KeysetFile(path).readOrCreate().open(PLACE, sealed)).isEqualTo("secret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  @Test
  void rotatedFileOpensTheOld() throws IOException {
    KeysetFile file = new KeysetFile(directory.resolve("vault.json"));
    byte[] old = file.readOrCreate().seal(PLACE, "secret");
    file.rotate();

    assertThat(file.read().isCurrent(old)).isFalse();
    assertThat(file.read().open(PLACE, old)).isEqualTo("secret");
    assertThat(Files.getPosixFilePermissions(directory.resolve("vault.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void missingFileAndOtherContentSayWhatToDo() throws IOException {
    Path path = directory.resolve("vault.json");
    assertThatThrownBy(() -> new KeysetFile(path).read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not exist");
    assertThat(path).doesNotExist();

    Files.writeString(path, "{\"secretish\":1}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeysetFile(path).readOrCreate())
        .withMessageContaining(path.toString())
        .withMessageContaining("restore it")
        .withMessageNotContaining("secretish");
    assertThat(path).hasContent("{\"secretish\":1}");
  }
}
