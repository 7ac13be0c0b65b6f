/** Records that could not be processed, for admins. */
@NullMarked
package dev.areaflow.api.deadletters;

import org.jspecify.annotations.NullMarked;
