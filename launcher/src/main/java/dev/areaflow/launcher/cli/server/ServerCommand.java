package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.cli.terminal.Palette;
import dev.areaflow.launcher.cli.terminal.Progress;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.cli.terminal.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that speaks with a server. Results are on standard output, all else is not. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public abstract class ServerCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectWriter PRETTY = JSON.writerWithDefaultPrettyPrinter();

  private final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ServerOptions server;

  @Option(names = "--json", description = "JSON, for programs.")
  private boolean json;

  /** One that finds this around it. */
  protected ServerCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.server = new ServerOptions(surroundings);
  }

  @Override
  public final Integer call() throws IOException, InterruptedException {
    try {
      return run();
    } finally {
      out().flush();
      err().flush();
    }
  }

  /** Does it, and gives the exit code. */
  protected abstract int run() throws IOException, InterruptedException;

  /** What is around it. */
  protected final Surroundings surroundings() {
    return surroundings;
  }

  /** Which server it speaks with. */
  protected final ServerOptions server() {
    return server;
  }

  /** The API for who is logged in. */
  protected final Api api() throws IOException {
    return server.api();
  }

  /** Whether a program reads the result. */
  public final boolean isJson() {
    return json;
  }

  /** The colours of its output. */
  protected final Palette palette() {
    return Palette.of(surroundings);
  }

  /** The command as it was parsed. */
  protected final CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }

  /** Standard output: results. */
  public final PrintWriter out() {
    return commandLine().getOut();
  }

  /** Standard error: all else. */
  public final PrintWriter err() {
    return commandLine().getErr();
  }

  /** How far long work of it is, on standard error. */
  public final Progress progress() {
    return new Progress(err(), surroundings.prompt().isTerminal());
  }

  /** A table of results. */
  protected final void print(Table table) {
    table.print(out(), palette());
  }

  /** One document of JSON. */
  protected final void printJson(JsonNode value) {
    out().println(text(PRETTY, value));
  }

  /** A list as one document of JSON. */
  protected final void printJson(List<JsonNode> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    array.addAll(values);
    printJson(array);
  }

  /** One line of a stream, at once. */
  public final void printLine(JsonNode value) {
    out().println(text(JSON.writer(), value));
    out().flush();
  }

  private static String text(ObjectWriter writer, JsonNode value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }
}
