/** The commands of {@code area} that speak with a server, from wherever they are run. */
@NullMarked
package dev.areaflow.launcher.cli;

import org.jspecify.annotations.NullMarked;
