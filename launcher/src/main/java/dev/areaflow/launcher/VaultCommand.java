package dev.areaflow.launcher;

import dev.areaflow.catalog.vault.KeysetFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code area vault}: the keyset that users' credentials are encrypted with. */
@Command(
    name = "vault",
    description = "Make or rotate the keyset that users' credentials are encrypted with.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class VaultCommand {
  @Spec private @Nullable CommandSpec spec;

  @Command(
      name = "create",
      description = {
        "Make a keyset in a new file; AREA_VAULT_KEYSET names it for api, ingest and executors.",
        "Keep it in the backup, apart from the database's: without it credentials are lost."
      },
      mixinStandardHelpOptions = true)
  int create(@Parameters(paramLabel = "FILE", description = "The new file.") Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return refused(file + " is there already; area vault rotate adds a key to it");
    }
    return changed(
        file, "made; only its owner may read it", () -> new KeysetFile(file).readOrCreate());
  }

  @Command(
      name = "rotate",
      description = {
        "Add a new key to a keyset, which seals from now on; the old ones still open.",
        "Roles read the file again when they meet what the new key sealed; for them to seal with"
            + " it, start them again.",
        "Up keeps its keyset in DATA/secrets/vault.json."
      },
      mixinStandardHelpOptions = true)
  int rotate(@Parameters(paramLabel = "FILE", description = "The keyset's file.") Path file) {
    return changed(file, "has a new key", () -> new KeysetFile(file).rotate());
  }

  private interface Change {
    Object make() throws IOException;
  }

  private int changed(Path file, String what, Change change) {
    try {
      Objects.requireNonNull(change.make());
    } catch (IOException | IllegalArgumentException e) {
      return refused(String.valueOf(e.getMessage()));
    }
    PrintWriter out = line().getOut();
    out.println(file + " " + what);
    out.flush();
    return 0;
  }

  private int refused(String why) {
    line().getErr().println("area vault: " + why);
    return 1;
  }

  private picocli.CommandLine line() {
    return Objects.requireNonNull(spec).commandLine();
  }
}
