package dev.areaflow.api.catalog;

import static dev.areaflow.api.http.Access.Basic.ANYONE;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.catalog.Service;
import java.util.List;

/** The schema of AREA files, for editors, which do not log in. */
public final class SchemaRoutes implements Routes {
  private final byte[] area;

  public SchemaRoutes(List<Service> services) {
    this.area = Json.write(AreaSchema.of(services));
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get(
            "/api/v1/schemas/area.json",
            ANYONE,
            call ->
                Answer.bytes("application/schema+json", area)
                    .header("Cache-Control", "public, max-age=300")));
  }
}
