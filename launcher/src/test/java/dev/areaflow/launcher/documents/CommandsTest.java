package dev.areaflow.launcher.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.cli.CliCommands;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The start script and the page of the command line know every command. */
final class CommandsTest {
  private static final Map<String, Supplier<CommandLine>> COMMANDS =
      new CliCommands(Surroundings.ofProcess()).all(() -> new CommandLine(new Object()));

  @Test
  void theStartScriptRunsThemAndItsUsageNamesThem() throws IOException {
    // given
    String script = Repository.read("area");
    String usage =
        script.substring(script.indexOf("usage()"), script.indexOf("# Prints the major"));
    String choice = script.substring(script.indexOf("case $command in"));

    // when, then
    for (String command : COMMANDS.keySet()) {
      assertThat(usage).as("usage of ./area").containsPattern("\\b" + command + "\\b");
      assertThat(choice).as("commands of ./area").containsPattern("[ |]" + command + "( \\||\\))");
    }
  }

  @Test
  void thePageHasAnExampleOfEachSubcommand() throws IOException {
    // given
    String pages = Repository.read("docs/cli.md") + Repository.read("docs/definitions-as-code.md");

    // when
    TreeSet<String> missing = new TreeSet<>();
    COMMANDS.forEach(
        (name, command) -> {
          var subcommands = new TreeSet<>(command.get().getSubcommands().keySet());
          if (subcommands.isEmpty()) {
            subcommands.add("");
          }
          for (String subcommand : subcommands) {
            String whole = ("area " + name + " " + subcommand).strip();
            if (!pages.contains("$ " + whole) && !pages.contains("(" + "./" + whole)) {
              missing.add(whole);
            }
          }
        });

    // then
    assertThat(missing).as("add them to docs/cli.md").isEmpty();
  }
}
