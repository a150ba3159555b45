/**
 * The ordering phase that the hybrid engines share (hybster.md §3, linear-hybster.md §5), all but
 * how votes travel and what a commit is, which is an engine's {@code Variant} with its {@code
 * Votes}.
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code Prepare}</td><td>leader to all</td><td>proposal under the leader's F1 certificate, which is its vote too</td></tr>
 * <tr><td>{@code Fetch}, {@code Forward}</td><td>any to any</td><td>repair</td></tr>
 * </table>
 *
 * <p>{@code OrderingEngine} dispatches, {@code OrderingSlot} is the state of one sequence number
 * and {@code Reach} how far they have come. {@code OwnProposals} is §5 rule 1 of linear-hybster.md,
 * {@code ProposalIntake} rule 2; {@code SignQueue} makes this replica's votes in order (rule 3),
 * {@code CommitIntake} checks the commits of others and {@code Commitment} decides (rule 5), {@code
 * Repair} fetches and answers (00-system-model §8). {@code OrderingViewChange} is what the hybrid
 * view change asks of the engine, {@code OrderCounter} what is known of the counter that it moves,
 * {@code Statements} what is signed. {@code OrderingLog} writes what {@code Restart} takes up, and
 * what {@code OrderingSurvey} finds in the logs of all.
 */
@NullMarked
package io.destiny.protocols.hybrid.ordering;

import org.jspecify.annotations.NullMarked;
