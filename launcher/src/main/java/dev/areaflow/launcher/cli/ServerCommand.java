package dev.areaflow.launcher.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
abstract class ServerCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectWriter PRETTY = JSON.writerWithDefaultPrettyPrinter();

  private final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ServerOptions server;

  @Option(names = "--json", description = "JSON, for programs.")
  private boolean json;

  ServerCommand(Surroundings surroundings) {
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
  abstract int run() throws IOException, InterruptedException;

  final Surroundings surroundings() {
    return surroundings;
  }

  final ServerOptions server() {
    return server;
  }

  final Api api() throws IOException {
    return server.api();
  }

  /** Whether a program reads the result. */
  final boolean isJson() {
    return json;
  }

  final Palette palette() {
    return Palette.of(surroundings);
  }

  final CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }

  final PrintWriter out() {
    return commandLine().getOut();
  }

  final PrintWriter err() {
    return commandLine().getErr();
  }

  /** How far long work of it is, on standard error. */
  final Progress progress() {
    return new Progress(err(), surroundings.prompt().isTerminal());
  }

  final void print(Table table) {
    table.print(out(), palette());
  }

  /** One document of JSON. */
  final void printJson(JsonNode value) {
    out().println(text(PRETTY, value));
  }

  final void printJson(List<JsonNode> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    array.addAll(values);
    printJson(array);
  }

  /** One line of a stream, at once. */
  final void printLine(JsonNode value) {
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
