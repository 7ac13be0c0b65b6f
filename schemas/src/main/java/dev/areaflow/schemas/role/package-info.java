/** What a role promises to whoever runs it. */
@NullMarked
package dev.areaflow.schemas.role;

import org.jspecify.annotations.NullMarked;
