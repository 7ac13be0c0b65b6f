/** Tests of hooks. */
@NullMarked
package dev.areaflow.api.hooks;

import org.jspecify.annotations.NullMarked;
