package dev.areaflow.launcher.cli.exports;

import java.io.IOException;

/** Where an export is written to. For one thread. */
interface ExportTarget extends AutoCloseable {
  /**
   * Adds bytes.
   *
   * @param state how far the export is with them
   */
  void append(byte[] bytes, ExportState state) throws IOException;

  /** Says that it is all. */
  void complete() throws IOException;

  @Override
  void close() throws IOException;
}
