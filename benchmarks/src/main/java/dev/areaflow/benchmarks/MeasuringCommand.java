package dev.areaflow.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that measures in a workshop of its own, and prints what it found. */
abstract class MeasuringCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** What is wrong with an option, with what it has to be; empty where nothing is. */
  abstract Optional<String> problem();

  /**
   * @return what goes to standard output
   * @throws IOException if one of the processes does not do what it should
   */
  abstract String measure(Workshop workshop) throws Exception;

  @Override
  public final Integer call() throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    Optional<String> problem = problem();
    if (problem.isPresent()) {
      err.println(problem.get());
      return 2;
    }
    try (Workshop workshop = new Workshop(err)) {
      try {
        PrintWriter out = spec.commandLine().getOut();
        out.print(measure(workshop));
        out.flush();
        return 0;
      } catch (IOException e) {
        workshop.failed(e);
        return 1;
      }
    }
  }

  /** That a number is not within its range. */
  static Optional<String> outside(String option, long least, long most, long found) {
    return least <= found && found <= most
        ? Optional.empty()
        : Optional.of("%s: expected %d to %d, found %d".formatted(option, least, most, found));
  }
}
