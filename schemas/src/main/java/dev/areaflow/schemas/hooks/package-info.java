/** The capability URL and the signing secret of a hook, derived from the platform's key. */
@NullMarked
package dev.areaflow.schemas.hooks;

import org.jspecify.annotations.NullMarked;
