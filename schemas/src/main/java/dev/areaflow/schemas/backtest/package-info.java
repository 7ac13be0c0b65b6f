/** What a backtest is given and what it tells; whoever runs one and whoever asks meet here. */
@org.jspecify.annotations.NullMarked
package dev.areaflow.schemas.backtest;
