package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far an export is.
 *
 * @param of what it has rows of
 * @param server it is read from; cursors are its own
 * @param options what was asked for, as it was written
 * @param from times that the options meant when it began; null without
 * @param to as {@code from}
 * @param lists paths of what is to be read, the one in work first
 * @param cursor where the first of them goes on; null at its beginning
 * @param rows written so far
 * @param bytes of them and the heading
 */
public record ExportState(
    Exported of,
    String server,
    Map<String, String> options,
    @Nullable String from,
    @Nullable String to,
    List<String> lists,
    @Nullable String cursor,
    long rows,
    long bytes) {
  public ExportState {
    options = Map.copyOf(options);
    lists = List.copyOf(lists);
  }

  /** This with more bytes, which are no row. */
  ExportState withHeading(int length) {
    return new ExportState(of, server, options, from, to, lists, cursor, rows, bytes + length);
  }

  /**
   * After a page of the list in work.
   *
   * @param next where the list goes on; none where it does not, or need not
   */
  ExportState after(JsonNode next, int moreRows, int length) {
    boolean goesOn = next.isTextual();
    return new ExportState(
        of,
        server,
        options,
        from,
        to,
        goesOn ? lists : lists.subList(1, lists.size()),
        next.textValue(),
        rows + moreRows,
        bytes + length);
  }

  /** Whether nothing is left to be read. */
  boolean isComplete() {
    return lists.isEmpty();
  }

  /** Whether it is an export of this from there, asked for so. */
  boolean isOf(Exported what, String address, Map<String, String> wanted) {
    return of == what && server.equals(address) && options.equals(wanted);
  }
}
