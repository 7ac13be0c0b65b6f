/** Identity providers: who people are, as GitHub and issuers of OpenID Connect say. */
@NullMarked
package dev.areaflow.api.login;

import org.jspecify.annotations.NullMarked;
