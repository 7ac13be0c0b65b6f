/** Tests of catalog. */
@NullMarked
package dev.areaflow.api.catalog;

import org.jspecify.annotations.NullMarked;
