package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Lines of JSON, each an item as the API answers it. */
final class NdjsonRows implements RowWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public byte[] heading() {
    return new byte[0];
  }

  @Override
  public byte[] rows(List<JsonNode> items) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (JsonNode item : items) {
      lines.write(JSON.writeValueAsBytes(item));
      lines.write('\n');
    }
    return lines.toByteArray();
  }
}
