/** The program {@code area}: its commands, and the platform of all roles in one process. */
@NullMarked
package dev.areaflow.launcher;

import org.jspecify.annotations.NullMarked;
