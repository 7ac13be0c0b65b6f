package dev.areaflow.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The load process: runs the jobs that it reads, a line each, and ends with its input. */
@Command(name = "load", hidden = true, description = "The load process of the benchmark.")
final class LoadCommand implements Callable<Integer> {
  @Parameters(description = "File with the body of every delivery.")
  private Path payload = Path.of("");

  @Override
  public Integer call() throws Exception {
    LoadGenerator generator = new LoadGenerator(Files.readAllBytes(payload));
    BufferedReader jobs =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
      System.out.println(Wire.line(generator.run(Wire.read(job, LoadJob.class))));
      System.out.flush();
    }
    return 0;
  }
}
