package dev.areaflow.api.catalog;

import static dev.areaflow.api.http.Access.Basic.ANYONE;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.schemas.documents.OpenApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The API's description, {@code /openapi.json}, and a page that renders it, {@code /docs}. The page
 * needs nothing from elsewhere: its script and style are in the program.
 */
public final class DocumentRoutes implements Routes {
  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";
  private static final String RENDERER = "/META-INF/resources/openapi-ui/";
  private static final String OWN = "/dev/areaflow/api/catalog/";

  private final byte[] openApi = OpenApi.json();
  private final byte[] page = resource(OWN + "docs.html");
  private final Map<String, Answer> files =
      Map.of(
          "docs.js", script(OWN + "docs.js"),
          "swagger-ui-bundle.js", script(RENDERER + "swagger-ui-bundle.js"),
          "swagger-ui.css", file("text/css", RENDERER + "swagger-ui.css"));

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/openapi.json", ANYONE, call -> Answer.bytes("application/json", openApi)),
        Route.get("/docs", ANYONE, call -> html(page)),
        Route.get("/docs/{file}", ANYONE, this::file),
        Route.get("/", ANYONE, call -> Answer.seeOther("/docs")));
  }

  private Answer file(Call call) {
    Answer file = files.get(call.path("file"));
    if (file == null) {
      throw Problem.notFound();
    }
    return file;
  }

  private static Answer html(byte[] page) {
    return Answer.bytes("text/html; charset=utf-8", page)
        .header("Content-Security-Policy", PAGE_POLICY);
  }

  private static Answer script(String name) {
    return file("text/javascript", name);
  }

  private static Answer file(String mediaType, String name) {
    return Answer.bytes(mediaType + "; charset=utf-8", resource(name))
        .header("Cache-Control", "public, max-age=86400");
  }

  private static byte[] resource(String name) {
    try (InputStream in = DocumentRoutes.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not part of the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
