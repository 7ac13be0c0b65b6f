package dev.areaflow.launcher.demo;

/** Something that the demonstration promises was not seen. */
public final class DemoFailedException extends RuntimeException {
  DemoFailedException(String message) {
    super(message);
  }
}
