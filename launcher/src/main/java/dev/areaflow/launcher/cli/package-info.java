/** The list of the commands of {@code area} that speak with a server. */
@NullMarked
package dev.areaflow.launcher.cli;

import org.jspecify.annotations.NullMarked;
