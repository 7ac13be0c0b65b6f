/** What third-party services can do, read from one manifest each. */
@NullMarked
package dev.areaflow.catalog;

import org.jspecify.annotations.NullMarked;
