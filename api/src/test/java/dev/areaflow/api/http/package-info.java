/** Tests of http. */
@NullMarked
package dev.areaflow.api.http;

import org.jspecify.annotations.NullMarked;
