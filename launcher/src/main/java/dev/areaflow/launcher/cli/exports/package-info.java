/** Lists of the API written as rows, to files that are gone on with where they broke off. */
@NullMarked
package dev.areaflow.launcher.cli.exports;

import org.jspecify.annotations.NullMarked;
