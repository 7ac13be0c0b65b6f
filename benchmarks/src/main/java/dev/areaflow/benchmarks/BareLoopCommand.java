package dev.areaflow.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The bare loop's process: prints the address of its hook, and ends with its input. */
@Command(name = "bare", hidden = true, description = "The bare loop of the benchmark.")
final class BareLoopCommand implements Callable<Integer> {
  @Parameters(index = "0", description = "Directory of its data.")
  private Path data = Path.of("");

  @Parameters(index = "1", description = "Address of the sink.")
  private String sink = "";

  @Override
  public Integer call() throws Exception {
    try (BareLoop loop = new BareLoop(data, sink)) {
      System.out.println(loop.start());
      System.out.flush();
      while (System.in.read() >= 0) {
        // anything but the end is ignored
      }
    }
    return 0;
  }
}
