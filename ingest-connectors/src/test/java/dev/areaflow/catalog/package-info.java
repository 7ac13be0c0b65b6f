/** Catalogues for tests of polls. */
@NullMarked
package dev.areaflow.catalog;

import org.jspecify.annotations.NullMarked;
