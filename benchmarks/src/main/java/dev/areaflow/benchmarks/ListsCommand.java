package dev.areaflow.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The process with the lists: prints its port, then a line for each command that it reads. */
@Command(name = "lists", hidden = true, description = "The lists that the benchmark polls.")
final class ListsCommand implements Callable<Integer> {
  @Parameters(description = "How many lists.")
  private int lists;

  @Override
  public Integer call() throws Exception {
    try (ListServer server = new ListServer(lists, DeliveryId::nowMicros)) {
      say(server.port());
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "times" -> say(Wire.line(server.times()));
          case "grow" -> {
            server.grow(Integer.parseInt(words[1]), Duration.parse(words[2]));
            say("grows");
          }
          default -> throw new IllegalArgumentException("expected a command, found " + line);
        }
      }
    }
    return 0;
  }

  private static void say(Object line) {
    System.out.println(line);
    System.out.flush();
  }
}
