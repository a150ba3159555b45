/**
 * What the three-phase protocols of the BFT model share: an instance's proposals, its slots,
 * repair, restart and view changes (pbft.md §2 to §5); an engine is a {@code ThreePhase} with its
 * {@code Voting}.
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code PrePrepare}</td><td>primary to all</td><td>proposal with its payload; its header is signed, so that it can be shown (dqbft.md §10)</td></tr>
 * <tr><td>{@code ViewChange}, {@code NewView}</td><td>all to all, primary to all</td><td>signed</td></tr>
 * <tr><td>{@code Complain}</td><td>all to all</td><td>signed; for the reinstatement of an owner alone (dqbft.md §7)</td></tr>
 * <tr><td>{@code Fetch}, {@code Forward}, {@code Ask}, {@code Payload}</td><td>any to any</td><td>repair</td></tr>
 * </table>
 *
 * <p>{@code ThreePhaseEngine} is the identity of an instance, its messages and what the composer
 * asks; {@code ThreePhaseSlot} the state of one sequence number, {@code SlotHistory} what no view
 * change forgets. {@code Proposals} is rules 1 and 2 of pbft.md, {@code Agreement} what follows but
 * for the votes; {@code Repair} fetches and answers (rules 6 and 9). {@code ViewChanger} leaves and
 * enters views (rules 10 to 14), with {@code ViewChanges} as its store and {@code Complaints} for
 * reinstatement; what a VIEW-CHANGE says of slots is the engine's {@code Evidence}. PBFT's {@code
 * ClaimSets} P and Q and the {@code Selection} among them are here, since other protocols of the
 * family have them too. {@code ThreePhaseLog} writes what {@code Restart} takes up. A replica whose
 * log is lost takes part in nothing until the epoch ends (§2).
 */
@NullMarked
package io.destiny.protocols.threephase;

import org.jspecify.annotations.NullMarked;
