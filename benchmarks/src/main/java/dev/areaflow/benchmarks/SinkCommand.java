package dev.areaflow.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The sink process: prints its port, then a status for each run number that it reads. */
@Command(name = "sink", hidden = true, description = "The sink process of the benchmark.")
final class SinkCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    try (CountingSink sink = new CountingSink()) {
      Thread.ofPlatform()
          .daemon()
          .name("sink")
          .start(
              () -> {
                try {
                  sink.serve();
                } catch (java.io.IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      System.out.println(sink.port());
      System.out.flush();
      BufferedReader runs =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String run = runs.readLine(); run != null; run = runs.readLine()) {
        System.out.println(Wire.line(sink.status(Integer.parseInt(run.strip()))));
        System.out.flush();
      }
    }
    return 0;
  }
}
