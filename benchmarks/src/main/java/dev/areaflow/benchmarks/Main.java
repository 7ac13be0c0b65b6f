package dev.areaflow.benchmarks;

import picocli.CommandLine;

/** The program behind {@code ./area bench}, and the processes that it starts. */
public final class Main {
  private Main() {}

  /** Measures, or is one of the measuring processes. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new BenchCommand())
            .addSubcommand(new ServicesBenchCommand())
            .addSubcommand(new EngineBenchCommand())
            .addSubcommand(new BacktestBenchCommand())
            .addSubcommand(new StackCommand())
            .addSubcommand(new LoadCommand())
            .addSubcommand(new ListsCommand())
            .addSubcommand(new SinkCommand())
            .addSubcommand(new BareLoopCommand())
            .execute(arguments));
  }
}
