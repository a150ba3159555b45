/**
 * Hybster (hybster.md): hybrid model, N = 2f+1, quorum f+1, votes from all to all. All but the
 * votes is the family's ({@code hybrid.ordering}).
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code CommitSig}</td><td>replica to all</td><td>COMMIT of §2: F1 attestation on the proposal's statement</td></tr>
 * <tr><td>{@code Commit}</td><td>any to any</td><td>rule 5: Q attestations, transferable for ever</td></tr>
 * </table>
 *
 * <p>{@code AllToAll} sends and counts votes (§3 rules 3 and 4), {@code Ballot} holds those for one
 * slot; {@code Hybster} puts the engine together.
 *
 * <p>Alone it may have up to eight pillars (§3), each an instance of this engine; {@code single}
 * makes them one order, and says there where that differs from §3 and why it may. Under DQBFT it
 * has one: the instances are its pillars.
 */
@NullMarked
package io.destiny.protocols.hybster;

import org.jspecify.annotations.NullMarked;
