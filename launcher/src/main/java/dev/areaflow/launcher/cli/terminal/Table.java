package dev.areaflow.launcher.cli.terminal;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under headings, for people. The column {@code STATUS} is coloured. For one thread. */
public final class Table {
  private static final String STATUS = "STATUS";
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /** A table without rows. */
  public Table(String... headings) {
    this.headings = List.of(headings);
  }

  /** Adds a row; a cell for each heading. */
  public Table row(String... cells) {
    rows.add(Arrays.stream(cells).map(Printable::of).toList());
    return this;
  }

  /** Prints it, without spaces at the ends of lines. */
  public void print(PrintWriter out, Palette palette) {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              width(headings.get(i)),
              rows.stream().mapToInt(row -> width(row.get(column))).max().orElse(0));
    }
    out.println(line(headings, widths, palette));
    rows.forEach(row -> out.println(line(row, widths, palette)));
  }

  private String line(List<String> cells, int[] widths, Palette palette) {
    int last = cells.size() - 1;
    while (last > 0 && cells.get(last).isEmpty()) {
      last--;
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i <= last; i++) {
      String cell = cells.get(i);
      line.append(headings.get(i).equals(STATUS) ? palette.state(cell) : cell);
      if (i < last) {
        line.append(" ".repeat(widths[i] - width(cell))).append(GAP);
      }
    }
    return line.toString();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
