/**
 * PBFT (pbft.md): BFT model, N = 3f+1, quorum 2f+1, three phases, votes from all to all.
 *
 * <table>
 * <caption>Messages of its own</caption>
 * <tr><td>{@code Prepare}, {@code Commit}</td><td>all to all</td><td>votes, authentic by their link</td></tr>
 * <tr><td>{@code Decided}</td><td>any to any</td><td>claim that a slot is committed; f+1 equal ones are believed</td></tr>
 * </table>
 *
 * <p>All but the votes is the family's ({@link io.destiny.protocols.threephase}); {@code AllToAll}
 * is §3 rules 2 to 6.
 */
@NullMarked
package io.destiny.protocols.pbft;

import org.jspecify.annotations.NullMarked;
