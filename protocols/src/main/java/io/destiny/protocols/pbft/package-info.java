/**
 * PBFT (pbft.md): BFT model, N = 3f+1, quorum 2f+1, three phases.
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code PrePrepare}</td><td>primary to all</td><td>proposal with its payload; its header is signed, so that it can be shown (dqbft.md §10)</td></tr>
 * <tr><td>{@code Prepare}, {@code Commit}</td><td>all to all</td><td>votes, authentic by their link</td></tr>
 * <tr><td>{@code ViewChange}, {@code NewView}</td><td>all to all, primary to all</td><td>signed</td></tr>
 * <tr><td>{@code Complain}</td><td>all to all</td><td>signed; for the reinstatement of an owner alone (dqbft.md §7)</td></tr>
 * <tr><td>{@code Decided}</td><td>any to any</td><td>claim that a slot is committed; f+1 equal ones are believed</td></tr>
 * <tr><td>{@code Fetch}, {@code Forward}, {@code Ask}, {@code Payload}</td><td>any to any</td><td>repair</td></tr>
 * </table>
 *
 * <p>{@code PbftEngine} is the identity of an instance, its messages and what the composer asks;
 * {@code PbftSlot} the state of one sequence number. {@code Proposals} is rules 1 and 2, {@code
 * Agreement} rules 2 to 5; {@code PbftRepair} fetches and answers (rules 6 and 9). {@code
 * PbftViewChange} leaves and enters views (rules 10 to 14), with {@code ViewChanges} as its store
 * and {@code Complaints} for reinstatement. {@code PbftLog} writes what {@code PbftRestart} takes
 * up. A replica whose log is lost takes part in nothing until the epoch ends (§2).
 */
@NullMarked
package io.destiny.protocols.pbft;

import org.jspecify.annotations.NullMarked;
