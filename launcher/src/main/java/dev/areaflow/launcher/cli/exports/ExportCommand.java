package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Progress;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A command that writes a list of the API as rows. */
@Command
public abstract class ExportCommand extends ServerCommand {
  private final Exported what;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "ndjson",
      description = "ndjson, csv or avro, default ${DEFAULT-VALUE}.")
  private String formatName = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "File to write; else standard output, which takes no avro.")
  private @Nullable Path output;

  @Option(
      names = "--resume",
      description = "Go on with FILE where the same command broke off, by FILE.resume.")
  private boolean resumes;

  /** An export of that. */
  protected ExportCommand(Surroundings surroundings, Exported what) {
    super(surroundings);
    this.what = what;
  }

  /** The filter as it was given, by option. */
  protected abstract Map<String, String> given();

  /** An export of what the filter selects, before its first page. */
  protected abstract ExportState begun(Api api, String address, Map<String, String> options)
      throws IOException, InterruptedException;

  /** Whether an item of a list is of the export. */
  protected abstract boolean accepts(JsonNode item, ExportState state);

  /** Whether an item is so old that none after it in the list is of the export. */
  protected abstract boolean isBeyond(JsonNode item, ExportState state);

  @Override
  protected final int run() throws IOException, InterruptedException {
    ExportFormat format = ExportFormat.of(formatName);
    if (output == null) {
      print(format);
    } else {
      save(format, output);
    }
    return ExitCode.DONE;
  }

  private void print(ExportFormat format) throws IOException, InterruptedException {
    if (resumes) {
      throw CommandFailure.usage("--resume: expected -o with the file to go on with");
    }
    if (!format.isText()) {
      throw CommandFailure.usage("--format avro: expected -o with a file, as it is no text");
    }
    if (isJson() && format != ExportFormat.NDJSON) {
      throw CommandFailure.usage("--json: expected --format ndjson, or -o with a file");
    }
    Api api = api();
    RowWriter rows = format.begun(what);
    try (ExportTarget target = new ExportText(out())) {
      write(api, begin(rows, beginning(api), target), rows, target);
    }
  }

  private void save(ExportFormat format, Path file) throws IOException, InterruptedException {
    Optional<ExportState> left = ExportFile.left(file);
    if (left.isPresent() && !resumes) {
      throw CommandFailure.of(
          "%s is an export that broke off; go on with it with --resume, or delete %s"
              .formatted(file, ExportFile.sideFile(file)));
    }
    if (left.isEmpty() && resumes && Files.exists(file)) {
      throw CommandFailure.of(
          "%s: there is no %s, so that nothing broke off; without --resume it is written anew"
              .formatted(file, ExportFile.sideFile(file).getFileName()));
    }
    Api api = api();
    ExportState end =
        left.isPresent()
            ? goOn(api, format, file, left.get())
            : writeAnew(api, format, file, beginning(api));
    if (isJson()) {
      printJson(
          JsonNodeFactory.instance
              .objectNode()
              .put("file", file.toString())
              .put("rows", end.rows())
              .put("bytes", end.bytes()));
    } else {
      err().printf(Locale.ROOT, "%,d %s are in %s%n", end.rows(), what.plural(), file);
    }
  }

  private ExportState goOn(Api api, ExportFormat format, Path file, ExportState left)
      throws IOException, InterruptedException {
    String address = server().address().toString();
    if (!left.isOf(what, address, options())) {
      throw CommandFailure.of(
          "%s is an export of %s at %s with %s; --resume takes the same command"
              .formatted(file, left.of().plural(), left.server(), left.options()));
    }
    try (ExportTarget target = ExportFile.continued(file, left)) {
      return kept(api, left, format.continued(what, file), target);
    }
  }

  private ExportState writeAnew(Api api, ExportFormat format, Path file, ExportState beginning)
      throws IOException, InterruptedException {
    RowWriter rows = format.begun(what);
    try (ExportTarget target = ExportFile.begun(file)) {
      return kept(api, begin(rows, beginning, target), rows, target);
    }
  }

  private ExportState beginning(Api api) throws IOException, InterruptedException {
    return begun(api, server().address().toString(), options());
  }

  /** What was asked for, format included. */
  private Map<String, String> options() {
    Map<String, String> options = new TreeMap<>(given());
    options.put("--format", formatName);
    return options;
  }

  private static ExportState begin(RowWriter rows, ExportState beginning, ExportTarget target)
      throws IOException {
    byte[] heading = rows.heading();
    ExportState begun = beginning.withHeading(heading.length);
    target.append(heading, begun);
    return begun;
  }

  /** Writes to a file, of which remains what is complete. */
  private ExportState kept(Api api, ExportState begun, RowWriter rows, ExportTarget target)
      throws IOException, InterruptedException {
    try {
      return write(api, begun, rows, target);
    } catch (IOException | RefusedException | InterruptedException e) {
      err().println("it broke off; what is complete is kept, and the same with --resume goes on");
      throw e;
    }
  }

  private ExportState write(Api api, ExportState begun, RowWriter rows, ExportTarget target)
      throws IOException, InterruptedException {
    Progress progress = progress();
    ExportState state = begun;
    try {
      while (!state.isComplete()) {
        Query list = new Query(state.lists().getFirst());
        JsonNode page = api.page(list, Api.MOST_OF_A_PAGE, state.cursor());
        List<JsonNode> selected = new ArrayList<>();
        JsonNode next = page.path("next");
        for (JsonNode item : page.path("items")) {
          if (isBeyond(item, state)) {
            next = MissingNode.getInstance();
          } else if (accepts(item, state)) {
            selected.add(item);
          }
        }
        byte[] bytes = selected.isEmpty() ? new byte[0] : rows.rows(selected);
        state = state.after(next, selected.size(), bytes.length);
        target.append(bytes, state);
        progress.show(state.rows(), what.plural());
      }
    } finally {
      progress.hide();
    }
    target.complete();
    return state;
  }
}
