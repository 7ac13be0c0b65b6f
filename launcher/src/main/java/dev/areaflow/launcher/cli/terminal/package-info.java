/** The person at a command: what is asked and shown, and how the command ends. */
@NullMarked
package dev.areaflow.launcher.cli.terminal;

import org.jspecify.annotations.NullMarked;
