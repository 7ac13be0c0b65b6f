/** AREAs as files: reading and writing them, and what would change where they are applied. */
@NullMarked
package dev.areaflow.launcher.definitions;

import org.jspecify.annotations.NullMarked;
