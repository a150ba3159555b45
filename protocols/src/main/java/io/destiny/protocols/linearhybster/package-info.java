/**
 * Linear Hybster (linear-hybster.md): hybrid model, N = 2f+1, quorum f+1, linear messages through
 * collectors. All but the votes is the family's ({@code hybrid.ordering}).
 *
 * <table>
 * <caption>Messages</caption>
 * <tr><td>{@code CommitSig}</td><td>replica to collector</td><td>F1 share on the proposal's statement</td></tr>
 * <tr><td>{@code Commit}</td><td>collector to all</td><td>Q shares combined: transferable for ever</td></tr>
 * </table>
 *
 * <p>{@code CommitCollector} combines votes (§5 rules 4 to 6, §6), {@code CollectedSlot} is what it
 * knows of one slot; {@code LinearHybster} puts the engine together.
 */
@NullMarked
package io.destiny.protocols.linearhybster;

import org.jspecify.annotations.NullMarked;
