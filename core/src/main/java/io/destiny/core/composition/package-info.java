/**
 * What all composers of engines share: {@code Frame} is the turn with its instances and jobs,
 * {@code Execution} carries out batches in their one order, {@code Recovery} has the checkpoints
 * and state transfer (dqbft.md §8), {@code StatusExchange} the repair of 00-system-model §8. Knows
 * neither an engine nor what a composer makes of several.
 */
@NullMarked
package io.destiny.core.composition;

import org.jspecify.annotations.NullMarked;
