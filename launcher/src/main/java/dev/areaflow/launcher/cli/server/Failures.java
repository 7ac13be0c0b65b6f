package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine;

/** Tells people why a command failed, and programs by the exit code. */
public final class Failures {
  private Failures() {}

  /**
   * Prints a failure that a person or the server can mend.
   *
   * @return the exit code; empty where it is a fault of ours, or that of another kind of command
   */
  public static OptionalInt tell(Exception e, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName(" ");
    PrintWriter err = command.getErr();
    return switch (e) {
      case CommandFailure failure -> {
        print(err, name, String.valueOf(failure.getMessage()).lines().toList());
        yield OptionalInt.of(failure.exitCode());
      }
      case InvalidDefinitionsException invalid -> {
        String.valueOf(invalid.getMessage())
            .lines()
            .forEach(line -> err.println(Printable.of(line)));
        yield OptionalInt.of(ExitCode.FAILED);
      }
      case RefusedException refused -> {
        print(err, name, lines(refused, command));
        yield OptionalInt.of(refused.exitCode());
      }
      case InterruptedException _ when isOfServer(command) -> {
        Thread.currentThread().interrupt();
        print(err, name, List.of("interrupted"));
        yield OptionalInt.of(ExitCode.FAILED);
      }
      case IOException io when isOfServer(command) -> {
        print(err, name, List.of(reason(io)));
        yield OptionalInt.of(exitCode(io));
      }
      default -> OptionalInt.empty();
    };
  }

  private static List<String> lines(RefusedException refused, CommandLine command) {
    List<String> lines = new ArrayList<>(refused.lines());
    if (refused.status() == 401 && command.getCommandSpec().userObject() instanceof ServerCommand) {
      lines.add("  Log in with: area login, or set AREA_TOKEN to a token that is valid.");
    }
    if (refused.status() == 404) {
      siblingList(command).ifPresent(list -> lines.add("  What there is: " + list));
    }
    return lines;
  }

  /** Of a command that takes an id, the one of its group that lists them. */
  private static Optional<String> siblingList(CommandLine command) {
    return Optional.ofNullable(command.getParent())
        .filter(_ -> takesId(command))
        .map(group -> group.getSubcommands().get("list"))
        .map(list -> list.getCommandSpec().qualifiedName(" "));
  }

  private static boolean takesId(CommandLine command) {
    return command.getCommandSpec().positionalParameters().stream()
        .anyMatch(parameter -> parameter.paramLabel().equals("ID"));
  }

  /** Whether what fails is a call to a server, as it is of commands with the options of one. */
  private static boolean isOfServer(CommandLine command) {
    return command.getCommandSpec().mixins().values().stream()
        .anyMatch(mixin -> mixin.userObject() instanceof ServerOptions);
  }

  private static int exitCode(IOException e) {
    return e instanceof FileSystemException ? ExitCode.FAILED : ExitCode.UNAVAILABLE;
  }

  /** What an exception of a call or a file means for people. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
      case AccessDeniedException denied -> denied.getFile() + ": this may not be read or written";
      case FileSystemException file -> String.valueOf(file.getMessage());
      case HttpTimeoutException _ -> "the server did not answer in time; try again";
      case ConnectException _ ->
          "the server does not answer; does it run, and is --server or AREA_SERVER its address?";
      case JsonProcessingException _ ->
          "the server answered something that is no JSON; is --server or AREA_SERVER the address of"
              + " the API?";
      default -> "the call broke off: " + e.getMessage();
    };
  }

  private static void print(PrintWriter err, String name, List<String> lines) {
    err.println(name + ": " + Printable.of(lines.getFirst()));
    lines.stream().skip(1).forEach(line -> err.println(Printable.of(line)));
    err.flush();
  }
}
