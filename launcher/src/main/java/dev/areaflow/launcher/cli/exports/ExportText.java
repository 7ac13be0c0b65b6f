package dev.areaflow.launcher.cli.exports;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;

/** Standard output as what an export is written to. */
record ExportText(PrintWriter out) implements ExportTarget {
  @Override
  public void append(byte[] bytes, ExportState state) {
    out.print(new String(bytes, UTF_8));
    out.flush();
  }

  @Override
  public void complete() {
    // whoever reads it sees its end
  }

  @Override
  public void close() {
    // it is the program's
  }
}
