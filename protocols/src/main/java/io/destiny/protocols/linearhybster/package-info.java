/**
 * Linear Hybster (linear-hybster.md): hybrid model, N = 2f+1, quorum f+1, linear messages through
 * collectors.
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code Prepare}</td><td>leader to all</td><td>proposal under the leader's F1 share, which is its vote too</td></tr>
 * <tr><td>{@code CommitSig}</td><td>replica to collector</td><td>F1 share on the same statement</td></tr>
 * <tr><td>{@code Commit}</td><td>collector to all</td><td>Q shares combined: transferable for ever</td></tr>
 * <tr><td>{@code Fetch}, {@code Forward}</td><td>any to any</td><td>repair</td></tr>
 * </table>
 *
 * <p>{@code LinearHybsterEngine} dispatches, {@code LinearHybsterSlot} is the state of one sequence
 * number and {@code Reach} how far they have come. {@code OwnProposals} is §5 rule 1, {@code
 * ProposalIntake} rule 2; {@code SignQueue} makes this replica's votes in order (rule 3), {@code
 * CommitCollector} combines the votes of others (rules 4 to 6, §6), {@code Commitment} decides
 * (rule 5), {@code Repair} fetches and answers (00-system-model §8). {@code
 * LinearHybsterViewChange} is what the hybrid view change asks of the engine (§7), {@code
 * OrderCounter} what is known of the counter that it moves. {@code LinearHybsterLog} writes what
 * {@code Restart} takes up.
 */
@NullMarked
package io.destiny.protocols.linearhybster;

import org.jspecify.annotations.NullMarked;
