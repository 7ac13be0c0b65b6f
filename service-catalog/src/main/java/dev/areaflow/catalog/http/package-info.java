/** The guarded HTTP client: requests that never reach addresses they must not. */
@NullMarked
package dev.areaflow.catalog.http;

import org.jspecify.annotations.NullMarked;
