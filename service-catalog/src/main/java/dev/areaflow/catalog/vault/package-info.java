/** Secrets of connections, encrypted for the place where they are kept. */
@NullMarked
package dev.areaflow.catalog.vault;

import org.jspecify.annotations.NullMarked;
