/**
 * A client of the public HTTP API, for the command line, the demonstration, the tests and the
 * benchmarks.
 */
@NullMarked
package dev.areaflow.launcher.client;

import org.jspecify.annotations.NullMarked;
