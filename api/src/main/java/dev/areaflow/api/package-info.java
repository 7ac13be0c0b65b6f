/** The api role: configuration in, run log out. */
@NullMarked
package dev.areaflow.api;

import org.jspecify.annotations.NullMarked;
