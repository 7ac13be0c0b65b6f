package dev.areaflow.launcher.cli.account;

import dev.areaflow.launcher.cli.server.ServerOptions;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code area logout}: forgets a token. */
@Command(
    name = "logout",
    description = {
      "Forget the token of a server. It stays valid until it expires; what ends it at once is",
      "DELETE /api/v1/tokens/{id}."
    },
    mixinStandardHelpOptions = true)
final class Logout implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ServerOptions server;

  Logout(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
  }

  @Override
  public Integer call() throws IOException {
    URI address = server.address();
    boolean wasThere = server.credentials().remove(address);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.println(wasThere ? "logged out at " + address : "nobody was logged in at " + address);
    out.flush();
    return ExitCode.DONE;
  }
}
