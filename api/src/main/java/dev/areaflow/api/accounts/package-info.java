/** Users, sessions and API tokens: who there is, and who calls. */
@NullMarked
package dev.areaflow.api.accounts;

import org.jspecify.annotations.NullMarked;
