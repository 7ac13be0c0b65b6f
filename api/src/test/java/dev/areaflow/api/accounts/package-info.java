/** Tests of accounts. */
@NullMarked
package dev.areaflow.api.accounts;

import org.jspecify.annotations.NullMarked;
