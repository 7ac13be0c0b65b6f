package dev.areaflow.schemas.documents;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The OpenAPI 3.1 document of the HTTP API, written by hand in YAML. */
public final class OpenApi {
  private static final String SOURCE = "openapi.yaml";

  private OpenApi() {}

  /** The document as JSON. */
  public static byte[] json() {
    try (InputStream in = OpenApi.class.getResourceAsStream(SOURCE)) {
      if (in == null) {
        throw new IllegalStateException(SOURCE + " is not part of the program");
      }
      return new ObjectMapper().writeValueAsBytes(new YAMLMapper().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(SOURCE + " cannot be read", e);
    }
  }
}
