/**
 * DQBFT (dqbft.md): N D-instances replicate batches, one O-instance orders their numbers. Knows
 * engines only as {@link io.destiny.core.engine.ConsensusEngine}.
 *
 * <p>{@code Dqbft} dispatches, {@code Proposer} batches this replica's clients (§4 rule 1), {@code
 * OrderPrimary} builds O-lists (§4 rule 3), {@code GlobalOrder} has the gate (§4 rule 4) and the
 * execution (§5), {@code Recovery} the checkpoints and state transfer (§8). Probation, caretakers,
 * ORDER-REQ and the monitoring of §6 and §7 come with the view change.
 */
@NullMarked
package io.destiny.protocols.dqbft;

import org.jspecify.annotations.NullMarked;
