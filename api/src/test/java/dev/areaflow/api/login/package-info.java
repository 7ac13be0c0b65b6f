@NullMarked
package dev.areaflow.api.login;

import org.jspecify.annotations.NullMarked;
