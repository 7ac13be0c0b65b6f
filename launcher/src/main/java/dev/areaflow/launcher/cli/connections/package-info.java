/** Accounts at services. */
@NullMarked
package dev.areaflow.launcher.cli.connections;

import org.jspecify.annotations.NullMarked;
