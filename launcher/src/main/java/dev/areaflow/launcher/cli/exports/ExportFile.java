package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that an export is written to, and until that is complete a side file, {@code FILE.resume},
 * with how far it is. The side file is written after what it tells of.
 */
final class ExportFile implements ExportTarget {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path sideFile;
  private final FileChannel channel;

  private ExportFile(Path file, FileChannel channel) {
    this.sideFile = sideFile(file);
    this.channel = channel;
  }

  /** A file that begins anew. */
  static ExportFile begun(Path file) throws IOException {
    return new ExportFile(
        file,
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING));
  }

  /** A file that goes on: cut to what is complete. */
  static ExportFile continued(Path file, ExportState state) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    if (channel.size() < state.bytes()) {
      long found = channel.size();
      channel.close();
      throw CommandFailure.of(
          "%s: expected at least %d bytes, as %s says, found %d; delete both and begin anew"
              .formatted(file, state.bytes(), sideFile(file).getFileName(), found));
    }
    channel.truncate(state.bytes()).position(state.bytes());
    return new ExportFile(file, channel);
  }

  /** The side file of a file. */
  static Path sideFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".resume");
  }

  /** How far an export into the file came that broke off; empty where none did. */
  static Optional<ExportState> left(Path file) throws IOException {
    Path sideFile = sideFile(file);
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(sideFile), ExportState.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw CommandFailure.of(
          sideFile + ": expected what an export left, found something else; delete it");
    }
  }

  @Override
  public void append(byte[] bytes, ExportState state) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
    channel.force(false);
    Path next = sideFile.resolveSibling(sideFile.getFileName() + ".next");
    Files.write(next, JSON.writeValueAsBytes(state));
    Files.move(next, sideFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void complete() throws IOException {
    Files.deleteIfExists(sideFile);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
