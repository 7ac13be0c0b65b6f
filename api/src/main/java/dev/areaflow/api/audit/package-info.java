/** Who did what: the audit log. */
@NullMarked
package dev.areaflow.api.audit;

import org.jspecify.annotations.NullMarked;
