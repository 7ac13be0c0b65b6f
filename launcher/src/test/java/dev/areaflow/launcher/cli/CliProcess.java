package dev.areaflow.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.launcher.cli.server.Failures;
import dev.areaflow.launcher.cli.terminal.Prompt;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as a test runs it: in a folder of its own, with what the test says is there. */
public final class CliProcess {
  /** What time it is where a test says nothing else. */
  public static final Instant NOW = Instant.parse("2026-06-01T10:00:00Z");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> environment = new HashMap<>();
  private final Path home;
  private Prompt prompt = new NobodyThere();
  private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private String input = "";
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  public CliProcess(Path home) {
    this.home = home;
  }

  public CliProcess with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public CliProcess input(String text) {
    this.input = text;
    return this;
  }

  public CliProcess clock(Clock time) {
    this.clock = time;
    return this;
  }

  public CliProcess prompt(Prompt person) {
    this.prompt = person;
    return this;
  }

  /** Runs a command, and gives its exit code. */
  public int run(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    CliCommands commands =
        new CliCommands(
            new Surroundings(
                environment, home, new ByteArrayInputStream(input.getBytes(UTF_8)), prompt, clock));
    CommandLine program = new CommandLine(CommandSpec.create().name("area"));
    commands
        .all(() -> program)
        .forEach((name, command) -> program.addSubcommand(name, command.get()));
    return program
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler(
            (e, command, result) ->
                Failures.tell(e, command)
                    .orElseThrow(() -> new AssertionError("a fault of ours", e)))
        .execute(arguments);
  }

  public String out() {
    return out.toString();
  }

  public String err() {
    return err.toString();
  }

  public JsonNode json() throws IOException {
    return JSON.readTree(out());
  }

  public List<JsonNode> jsonLines() throws IOException {
    return JSON.readerFor(JsonNode.class).<JsonNode>readValues(out()).readAll();
  }

  /** Nobody is at the terminal. */
  public static final class NobodyThere implements Prompt {
    @Override
    public boolean isTerminal() {
      return false;
    }

    @Override
    public String line(String question) {
      throw new AssertionError("nobody is here to be asked: " + question);
    }

    @Override
    public String secret(String question) {
      throw new AssertionError("nobody is here to be asked: " + question);
    }
  }

  /** Somebody who says the same to everything. */
  public record Person(String answer) implements Prompt {
    @Override
    public boolean isTerminal() {
      return true;
    }

    @Override
    public String line(String question) {
      return answer;
    }

    @Override
    public String secret(String question) {
      return answer;
    }
  }
}
