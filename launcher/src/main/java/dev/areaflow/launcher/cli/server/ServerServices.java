package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;

/** The services that a server has, those of its operator included. */
public final class ServerServices {
  private static final String PATH = "/api/v1/services";

  private final Surroundings surroundings;
  private final String server;

  /**
   * @param server address of the API
   */
  public ServerServices(Surroundings surroundings, String server) {
    this.surroundings = surroundings;
    this.server = server;
  }

  /** All of them, by id. */
  public List<JsonNode> all() throws InterruptedException {
    return asked(api -> api.list(new Query(PATH)));
  }

  /** One of them. */
  public JsonNode one(String id) throws InterruptedException {
    return asked(api -> api.get(PATH + "/" + Query.encoded(id)));
  }

  private interface Question<T> {
    T ask(Api api) throws IOException, InterruptedException;
  }

  private <T> T asked(Question<T> question) throws InterruptedException {
    try {
      return question.ask(new ServerOptions(surroundings, server).api());
    } catch (IOException e) {
      throw CommandFailure.unavailable(Failures.reason(e));
    }
  }
}
