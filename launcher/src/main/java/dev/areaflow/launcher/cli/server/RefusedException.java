package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.util.ArrayList;
import java.util.List;

/** The server refused a call; its problem (RFC 9457) says why and what helps. */
public final class RefusedException extends RuntimeException {
  private final int status;
  private final transient JsonNode problem;

  RefusedException(Answer answer) {
    super("status " + answer.status());
    this.status = answer.status();
    this.problem = answer.body();
  }

  /**
   * One thing that is wrong.
   *
   * @param pointer JSON pointer into what was sent, or a slash and the name of a parameter
   */
  public record FieldError(String pointer, String detail) {}

  /** The fields that are wrong; empty where the problem names none. */
  public List<FieldError> errors() {
    List<FieldError> errors = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      errors.add(new FieldError(error.path("pointer").asText(), error.path("detail").asText()));
    }
    return List.copyOf(errors);
  }

  /**
   * What the server says against a definition, as problems of the file that it is in; empty where
   * that is not what it refused.
   */
  public List<String> problemsOf(WrittenArea area) {
    List<String> problems = new ArrayList<>();
    for (FieldError error : errors()) {
      problems.add(
          area.problem(error.pointer().replaceFirst("^/definition(?=/|$)", ""), error.detail()));
    }
    return problems;
  }

  /** The problem as the server told it. */
  public JsonNode problem() {
    return problem;
  }

  /** The status of the answer, such as 404. */
  public int status() {
    return status;
  }

  int exitCode() {
    return switch (status) {
      case 401, 403 -> ExitCode.NOT_ALLOWED;
      case 429, 502, 503, 504 -> ExitCode.UNAVAILABLE;
      default -> ExitCode.FAILED;
    };
  }

  /** The problem in lines, each field with what is wrong about it. */
  public List<String> lines() {
    String title = problem.path("title").asText("status " + status);
    String detail = problem.path("detail").asText("");
    List<String> lines = new ArrayList<>();
    List<FieldError> errors = errors();
    boolean isAllSaid = errors.size() == 1 && errors.getFirst().detail().equals(detail);
    lines.add(detail.isEmpty() || isAllSaid ? title : title + ": " + detail);
    for (FieldError error : errors) {
      lines.add("  " + (error.pointer().isEmpty() ? "" : error.pointer() + ": ") + error.detail());
    }
    return lines;
  }
}
