/** Settings from flags, environment and file, parsed once at start. */
@NullMarked
package dev.areaflow.schemas.config;

import org.jspecify.annotations.NullMarked;
