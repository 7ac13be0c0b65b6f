package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.exports.ExportCommand;
import dev.areaflow.launcher.cli.exports.ExportState;
import dev.areaflow.launcher.cli.exports.Exported;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code area runs export}. */
@Command(
    name = "export",
    description = "Write runs as rows, the newest first, each as it is when it is read.")
final class RunExport extends ExportCommand {
  @Mixin private final RunFilter filter;

  RunExport(Surroundings surroundings) {
    super(surroundings, Exported.RUNS);
    this.filter = new RunFilter(surroundings);
  }

  @Override
  protected Map<String, String> given() {
    return filter.given();
  }

  @Override
  protected ExportState begun(Api api, String address, Map<String, String> options)
      throws IOException, InterruptedException {
    // the list itself is narrowed, so that its path says all
    List<String> lists = List.of(filter.query(api).path());
    return new ExportState(Exported.RUNS, address, options, null, null, lists, null, 0, 0);
  }

  @Override
  protected boolean accepts(JsonNode run, ExportState state) {
    return true;
  }

  @Override
  protected boolean isBeyond(JsonNode run, ExportState state) {
    return false;
  }
}
