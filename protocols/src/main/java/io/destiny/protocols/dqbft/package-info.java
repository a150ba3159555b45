/**
 * DQBFT (dqbft.md): N D-instances replicate batches, one O-instance orders their numbers. Knows
 * engines only as {@link io.destiny.core.engine.ConsensusEngine}.
 *
 * <p>{@code Dqbft} dispatches, {@code Pending} knows what this replica has to propose (§4 rule 1),
 * {@code OrderPrimary} builds O-lists (§4 rule 3), {@code OrderGate} holds back votes (§4 rule 4),
 * {@code GlobalOrder} executes (§5); what §6 and §7 demand is in {@code Probation}, {@code
 * Caretaker}, {@code Monitors}, {@code Flooding}, {@code Reinstatement}.
 */
@NullMarked
package io.destiny.protocols.dqbft;

import org.jspecify.annotations.NullMarked;
