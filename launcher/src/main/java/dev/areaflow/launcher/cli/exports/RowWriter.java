package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/**
 * Makes the bytes of an export, which are whole after each call: a file may be cut there, and gone
 * on with. For one thread.
 */
interface RowWriter {
  /** What a file begins with. */
  byte[] heading() throws IOException;

  /** Rows of items as the API answers them. */
  byte[] rows(List<JsonNode> items) throws IOException;
}
