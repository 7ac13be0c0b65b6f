/** Documents that must agree with the code. */
@NullMarked
package dev.areaflow.launcher.documents;

import org.jspecify.annotations.NullMarked;
