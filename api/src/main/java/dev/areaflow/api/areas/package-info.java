/** AREAs: what people write, checked, kept, and made into plans. */
@NullMarked
package dev.areaflow.api.areas;

import org.jspecify.annotations.NullMarked;
